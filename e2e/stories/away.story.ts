import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { digestFile, makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";

const NAME = "deepseek-v3-00007.safetensors";
const AWAY_MS = 60_000;
/** Without another wait of the longest kind. */
const BACK_WITHIN_MS = 35_000;

test("the server dies for a minute in the middle: the row says so and recovers by itself @keyboard", async ({
  win,
  store,
}) => {
  test.setTimeout(240_000);
  const path = join(win.host.folder, NAME);
  await makeFile(path, 160 * MIB, 8);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await win.limit("Up", "20MB");
  await win.chooseHostFiles([NAME]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.reaches(NAME, 30);

  const startAgain = await store.die();
  const diedAtMs = Date.now();
  const { host } = new URL(store.endpoint);
  await win.transfers.says(NAME, new RegExp(`${host} does not answer.*Tries again`));
  const restingAt = await win.transfers.percent(NAME);
  await sleep(AWAY_MS - (Date.now() - diedAtMs));
  // Still so after a minute, and nothing is asked of anybody.
  await win.transfers.says(NAME, /Tries again/);
  await expect(win.page.getByRole("alert")).toHaveCount(0);

  await startAgain();
  await win.transfers.says(NAME, /MB\/s/, BACK_WITHIN_MS);
  expect(await win.transfers.percent(NAME)).toBeGreaterThanOrEqual(restingAt);
  await win.transfers.isDone(NAME);
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  expect(await reader.digest(NAME)).toBe(await digestFile(path));
});
