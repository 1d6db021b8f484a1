import { expect, it } from "vitest";
import { FakeClock } from "#main/flow/fake-clock.ts";
import { FakeTerminal } from "./fake-terminal.ts";
import { makeView } from "./fake-views.ts";
import { drawBar, openProgress } from "./progress-bars.ts";

const half = { doneBytes: 500_000_000, bytesPerSecond: 100_000_000, secondsLeft: 5 };

it("draws a bar with amount, rate and time left", () => {
  expect(drawBar(makeView(half), 120)).toBe(
    "big.bin                         [##########----------]  50 % 500 MB of 1 GB 100 MB/s less than a minute left",
  );
});

it("is never as wide as the terminal, whatever the name", () => {
  const names = ["x", "long/".repeat(40), "\x1b[2J\u202E", "模型".repeat(30)];
  for (const name of names) {
    for (const columns of [20, 60, 80, 200]) {
      expect(drawBar(makeView({ ...half, name }), columns).length).toBeLessThan(columns);
    }
  }
});

it.each([
  [{ isListing: true, itemCount: 12, doneItemCount: 3 }, "0 B of ~1 GB 3/~12 files 0 B/s"],
  [{ state: { phase: "verifying", doneBytes: 0 } }, "checking what arrived"],
  [{ state: { phase: "queued", cause: null } }, "queued"],
  [{ state: { phase: "queued", cause: "schedule" } }, "paused by the schedule"],
  [{ state: { phase: "running", activity: { kind: "finalising" } } }, "the store puts it together"],
  [
    { direction: "download", state: { phase: "running", activity: { kind: "finalising" } } },
    "putting it in its place",
  ],
  [stalled(null), "no data"],
  [
    stalled({
      attempt: 3,
      atMs: 0,
      part: null,
      error: { code: "unreachable", message: "", details: {} },
    }),
    "0 B of 1 GB: The endpoint does not answer, attempt 3 follows",
  ],
  [
    stalled({
      attempt: 3,
      atMs: new Date(2026, 0, 1, 14, 3, 12).getTime(),
      part: 7,
      error: { code: "throttled", message: "", details: { retryAfterMs: 60_000 } },
    }),
    ", attempt 3 at 14:03:12",
  ],
  [
    {
      state: {
        phase: "running",
        activity: { kind: "stalled", sinceMs: 0, isOnDisk: true, retry: null },
      },
    },
    "the disk does not answer",
  ],
])("says what %j is doing", (given, words) => {
  expect(drawBar(makeView(given), 200)).toMatch(new RegExp(`${words.replaceAll("/", "/")}$`));
});

function stalled(retry: unknown) {
  return { state: { phase: "running", activity: { kind: "stalled", sinceMs: 0, retry } } };
}

it("shows an empty file as whole only when it is done", () => {
  const empty = { totalBytes: 0, state: { phase: "done", atMs: 0 } };
  expect(drawBar(makeView(empty), 120)).toContain("100 %");
  expect(drawBar(makeView({ totalBytes: 0 }), 120)).toContain("  0 %");
});

it("draws over its own lines and takes them away", () => {
  const terminal = new FakeTerminal();
  const progress = openProgress("bars", terminal, () => 0);
  progress.show([makeView(), makeView()]);
  progress.show([makeView()]);
  progress.hide();
  progress.hide();
  expect(terminal.drawn.filter((text) => text.startsWith("\x1b"))).toEqual([
    "\x1b[2A\x1b[0J",
    "\x1b[1A\x1b[0J",
  ]);
});

it("writes one plain line every 30 seconds where there is no terminal", () => {
  const terminal = new FakeTerminal();
  const clock = new FakeClock();
  const progress = openProgress("plain", terminal, () => clock.nowMs());
  for (let second = 0; second <= 61; second += 1) {
    progress.show([makeView(half)]);
    clock.advance(1000);
  }
  expect(terminal.errLines).toEqual(
    Array(2).fill("big.bin:  50 % 500 MB of 1 GB 100 MB/s less than a minute left"),
  );
});

it("writes JSON lines once a second to standard output", () => {
  const terminal = new FakeTerminal();
  const clock = new FakeClock();
  const progress = openProgress("json", terminal, () => clock.nowMs());
  for (let quarter = 0; quarter <= 8; quarter += 1) {
    progress.show([makeView(half)]);
    clock.advance(250);
  }
  expect(terminal.outLines.map((line) => JSON.parse(line) as unknown)).toEqual(
    Array.from({ length: 2 }, () => ({
      type: "progress",
      id: makeView().id,
      phase: "running",
      totalBytes: 1_000_000_000,
      isListing: false,
      ...half,
      why: null,
    })),
  );
});

it("says in JSON lines why nothing moves", () => {
  const error = { code: "unreachable", message: "", details: {} };
  const retry = { attempt: 3, atMs: 0, part: null, error };
  const states = [stalled(retry), { state: { phase: "queued", cause: "schedule" } }];
  const terminal = new FakeTerminal();
  let nowMs = 0;
  const progress = openProgress("json", terminal, () => (nowMs += 1000));
  for (const state of states) progress.show([makeView(state)]);
  expect(terminal.outLines).toEqual([
    expect.stringContaining('"why":"unreachable"'),
    expect.stringContaining('"why":"schedule"'),
  ]);
});

it("shows nothing when it is told to be quiet", () => {
  const terminal = new FakeTerminal();
  const progress = openProgress("none", terminal, () => 1e9);
  progress.show([makeView()]);
  progress.hide();
  expect([terminal.errLines, terminal.outLines, terminal.drawn]).toEqual([[], [], []]);
});

it("draws of very many transfers those that move, and how many are done", () => {
  const terminal = new FakeTerminal();
  const progress = openProgress("bars", terminal, () => 0);
  const over = Array.from({ length: 300 }, () => makeView({ state: { phase: "done", atMs: 0 } }));
  progress.show([...over, makeView({ ...half, name: "moves.bin" })]);
  const lines = (terminal.drawn.at(-1) ?? "").trimEnd().split("\n");
  expect(lines).toHaveLength(13);
  expect(lines[0]).toContain("50 % 500 MB of 1 GB 100 MB/s");
  expect(lines.at(-1)).toBe("300/301 transfers done");
});
