import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "./find-node.mjs";

const packageFolder = join(projectFolder, "node_modules", "electron");
const failureMark = join(projectFolder, "node_modules", ".longhaul-electron-failed");
const FETCH_LIMIT_MS = 10_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Electron's program, fetched if need be. It comes from outside the package registry, so it may not
 * be there: then why, as the end of a sentence.
 *
 * @returns {{ path: string } | { reason: string, hasDisplay: boolean }}
 */
export function findElectron() {
  if (!hasDisplay()) return { reason: "there is no display", hasDisplay: false };
  if (process.platform === "linux" && process.getuid() === 0) {
    return { reason: "Electron does not run as root", hasDisplay: true };
  }
  const path = installedPath();
  if (path !== null) return { path };
  return fetchElectron();
}

function hasDisplay() {
  if (process.platform !== "linux") return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function installedPath() {
  const pathFile = join(packageFolder, "path.txt");
  if (!existsSync(pathFile)) return null;
  const path = join(packageFolder, "dist", readFileSync(pathFile, "utf8"));
  return existsSync(path) ? path : null;
}

function fetchElectron() {
  if (failedWithinADay()) {
    return { reason: "Electron could not be fetched within the last day", hasDisplay: true };
  }
  process.stderr.write("Fetching Electron (10 s at most)…\n");
  const script = join(packageFolder, "install.js");
  const options = { stdio: "ignore", timeout: FETCH_LIMIT_MS, killSignal: "SIGKILL" };
  const { status } = spawnSync(process.execPath, [script], options);
  const path = installedPath();
  if (status === 0 && path !== null) return { path };
  writeFileSync(failureMark, "");
  return { reason: "Electron could not be fetched", hasDisplay: true };
}

function failedWithinADay() {
  return existsSync(failureMark) && Date.now() - statSync(failureMark).mtimeMs < DAY_MS;
}
