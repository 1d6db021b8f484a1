import { defineConfig } from "playwright/test";
import type { StoryOptions } from "./rig/story.ts";

const MEASURES = "load.story.ts";
/** Whose faults take their time: `npm run test:faults`. */
const FAULTS = ["away.story.ts", "disk.story.ts", "expired.story.ts", "kill.story.ts"];
const APART = [MEASURES, ...FAULTS];

/** Three stories at a time: each waits as much as it works. What measures frames is a run of its own. */
export default defineConfig<StoryOptions>({
  testDir: "stories",
  testMatch: "*.story.ts",
  outputDir: "../out/e2e",
  workers: 3,
  // A busy runner may starve a browser for a while; what needed another try is reported as flaky.
  retries: 2,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env["CI"] !== undefined,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 800 },
    actionTimeout: 20_000,
    launchOptions: {
      executablePath: process.env["LONGHAUL_CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "mouse", use: { hand: "mouse" }, testIgnore: APART },
    // A drop needs a pointer; everything else must not.
    { name: "keyboard", use: { hand: "keyboard" }, grep: /@keyboard/, testIgnore: APART },
    { name: "faults", use: { hand: "mouse" }, testMatch: FAULTS },
    { name: "faults-keyboard", use: { hand: "keyboard" }, grep: /@keyboard/, testMatch: FAULTS },
    { name: "measures", use: { hand: "mouse" }, testMatch: MEASURES },
  ],
});
