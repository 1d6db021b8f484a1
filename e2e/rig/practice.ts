import { join } from "node:path";
import type { LonghaulWindow } from "../window/longhaul-window.ts";
import { Reader } from "./reader.ts";
import { openStore, readKeys } from "./store.ts";

/**
 * Reads the practice bucket while Longhaul is not running: its store listens on a port that only the
 * program knows, so its folder is served anew.
 */
export async function withPractice<T>(
  win: LonghaulWindow,
  read: (practice: Reader) => Promise<T>,
): Promise<T> {
  const { home } = win.host;
  await win.quit();
  const keysFile = join(home, "practice-keys.json");
  const store = await openStore(["--dir", join(home, "practice"), "--keys", keysFile]);
  try {
    return await read(new Reader(store.endpoint, "practice", await readKeys(keysFile)));
  } finally {
    await store.stop();
  }
}
