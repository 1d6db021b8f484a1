import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Without a window of its own first: it takes half the time for the same pages. */
const SYSTEM_PATHS = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const PACKAGES = ["chromium-headless-shell", "chromium"];

/**
 * A Chromium for the end-to-end stories: Playwright's own, else the system's, else the Debian
 * package where this may install it.
 *
 * @returns {Promise<{ path: string } | { reason: string }>}
 */
export async function findChromium() {
  const { chromium } = await import("playwright");
  const given = process.env.LONGHAUL_CHROMIUM;
  const paths = [...(given ? [given] : []), chromium.executablePath(), ...SYSTEM_PATHS];
  const path = paths.find((candidate) => existsSync(candidate));
  if (path !== undefined) return { path };
  if (!existsSync("/usr/bin/apt-get") || process.getuid?.() !== 0) {
    return { reason: "there is no Chromium; `npx playwright install chromium` brings one" };
  }
  for (const name of PACKAGES) {
    if (installPackage(name)) return { path: `/usr/bin/${name}` };
  }
  return { reason: "there is no Chromium, and apt-get could not install it" };
}

/** Installs a Debian package; false where that fails. */
function installPackage(name) {
  process.stderr.write(`Installing the package ${name}…\n`);
  const run = (...args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const options = { env, stdio: ["ignore", "ignore", 2], timeout: 180_000 };
    return spawnSync("apt-get", ["-q", ...args], options).status === 0;
  };
  const flags = ["install", "-y", "--no-install-recommends", name];
  return run(...flags) || (run("update") && run(...flags));
}
