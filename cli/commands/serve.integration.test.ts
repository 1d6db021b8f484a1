import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeClock } from "#main/flow/fake-clock.ts";
import type { CommandContext } from "../context.ts";
import { FakeEngine } from "../fake-engine.ts";
import { FakeTerminal } from "../fake-terminal.ts";
import { runProgram } from "../program.ts";
import type { SessionOptions } from "../session.ts";
import { openInBrowser } from "../web/open-in-browser.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-serve-"));
  writeFileSync(join(folder, "index.html"), '<meta name="csp-nonce" content="" />');
});
afterEach(() => rmSync(folder, { recursive: true }));

const WITHIN = { timeout: 15_000, interval: 10 };

function start(...args: string[]) {
  const terminal = new FakeTerminal();
  const aborter = new AbortController();
  const sessions: SessionOptions[] = [];
  const engine = new FakeEngine({});
  const context: CommandContext = {
    terminal,
    args,
    clock: new FakeClock(),
    interrupts: { signal: aborter.signal, exitCode: () => 130 },
    workingFolder: "/work",
    userFolder: "/home/mira",
    home: folder,
    pageFolder: folder,
    openEngine: async (options) => {
      sessions.push(options);
      return engine;
    },
    chooseProfile: () => Promise.reject(new Error("not here")),
  };
  const ended = runProgram(["serve", ...args], async () => context, terminal);
  return { terminal, sessions, engine, ended, stop: () => aborter.abort() };
}

it("prints the address alone, serves the page, and stops cleanly at Ctrl-C", async () => {
  const run = start("--port", "0");
  await expect.poll(() => run.terminal.outLines, WITHIN).toHaveLength(1);
  const [address = ""] = run.terminal.outLines;
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
  expect((await fetch(address)).status).toBe(200);
  run.stop();
  expect(await run.ended).toBe(0);
  expect(run.engine.isClosed).toBe(true);
  expect(run.sessions).toMatchObject([{ command: "serve", runs: "all", roots: ["/home/mira"] }]);
});

it("bounds the page by the roots that were named, another token each time", async () => {
  const first = start("--port", "0", "--root", "data", "--root", "/srv");
  const second = start("--port", "0");
  await expect
    .poll(() => [...first.terminal.outLines, ...second.terminal.outLines], WITHIN)
    .toHaveLength(2);
  expect(first.sessions).toMatchObject([{ roots: ["/work/data", "/srv"] }]);
  const token = (run: typeof first) => run.terminal.outLines[0]?.split("#")[1];
  expect(token(first)).not.toBe(token(second));
  first.stop();
  second.stop();
  await Promise.all([first.ended, second.ended]);
});

it("fails when the port that was named is taken", async () => {
  const first = start("--port", "0");
  await expect.poll(() => first.terminal.outLines, WITHIN).toHaveLength(1);
  const port = new URL(first.terminal.outLines[0] ?? "").port;
  const second = start("--port", port);
  expect(await second.ended).toBe(2);
  expect(second.terminal.errLines.join()).toContain(`127.0.0.1:${port} is in use`);
  first.stop();
  await first.ended;
});

it.each([
  ["--host", "0.0.0.0"],
  ["--host", "0.0.0.0", "--allow-host", "gpu.lab"],
  ["--tls-cert", "cert.pem"],
])(
  "refuses an address that others can reach without encryption and names: %s %s",
  async (...args) => {
    const run = start(...args);
    expect(await run.ended).toBe(2);
    expect(run.sessions).toEqual([]);
  },
);

it("shows the browser a file that only its user can read, not the token", async () => {
  const terminal = new FakeTerminal();
  await openInBrowser("http://127.0.0.1:1/#token=canary", folder, terminal, "true");
  const [name = ""] = readdirSync(folder).filter((each) => each.startsWith("open-"));
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, name), "utf8")).toContain(
    "url=http://127.0.0.1:1/#token=canary",
  );
});

it("says so when no browser can be opened", async () => {
  const terminal = new FakeTerminal();
  await openInBrowser("http://127.0.0.1:1/", folder, terminal, "no-such-program");
  await expect.poll(() => terminal.errLines, WITHIN).toHaveLength(1);
});
