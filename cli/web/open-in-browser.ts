import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Terminal } from "../terminal.ts";

/** By then a browser has read the file. */
const KEPT_MS = 60_000;

/**
 * Opens an address whose fragment is secret: other users can see the arguments of a program, so the
 * browser gets the path of a file that only this user can read, and that leads on.
 */
export async function openInBrowser(
  address: string,
  home: string,
  terminal: Terminal,
  opener = OPENERS[process.platform] ?? "xdg-open",
): Promise<void> {
  const file = join(home, `open-${randomUUID()}.html`);
  const page = `<!doctype html><meta http-equiv="refresh" content="0; url=${address}">\n`;
  await writeFile(file, page, { mode: 0o600, flag: "wx" });
  const forget = () => rmSync(file, { force: true });
  setTimeout(forget, KEPT_MS).unref();
  process.once("exit", forget);
  const child = spawn(opener, [pathToFileURL(file).href], { stdio: "ignore", detached: true });
  child.once("error", () => terminal.err("No browser could be opened; open the address above."));
  child.unref();
}

/** What opens an address in the browser of the person. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "open",
  win32: "explorer.exe",
};
