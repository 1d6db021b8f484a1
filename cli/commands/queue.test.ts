import { expect, it } from "vitest";
import { makeView, VIEW_ID } from "../fake-views.ts";
import { openProgram } from "../program-rig.ts";
import { findOne } from "./queue.ts";

const OTHER_ID = "4f0b1c2d-6d0c-4c1e-9f55-0c2a7a3f1b2d";
const first = makeView({ doneBytes: 120_000_000 });
const second = makeView({
  id: OTHER_ID,
  name: "two words",
  state: { phase: "paused", cause: "user", sinceMs: 0, error: null },
});

const open = () =>
  openProgram("/work", {
    "transfer.list": async () => [first, second],
    "transfer.pause": async () => null,
    "transfer.resume": async () => null,
    "transfer.cancel": async () => null,
    "transfer.move": async () => null,
    "transfer.pauseAll": async () => null,
    "transfer.resumeAll": async () => null,
    "transfer.unfinished": async () => [],
  });

it("lists what there is, in a row each", async () => {
  const rig = open();
  expect(await rig.run("queue", "ls")).toBe(0);
  expect(rig.terminal.outLines).toEqual([
    "4f9a0b1e  running 12 % of 1 GB              big.bin to s3://lab/m/",
    "4f0b1c2d  paused (user) 0 % of 1 GB         two words to s3://lab/m/",
  ]);
});

it("says why one failed, and nothing of a size that is not known yet", async () => {
  const error = { code: "access-denied", message: "", details: {} };
  const failed = makeView({ state: { phase: "failed", atMs: 0, error } });
  const listing = makeView({ id: OTHER_ID, totalBytes: 0, isListing: true });
  const rig = openProgram("/work", { "transfer.list": async () => [failed, listing] });
  await rig.run("queue", "ls");
  expect(rig.terminal.outLines).toEqual([
    expect.stringContaining("  failed (access-denied) 0 % of 1 GB  "),
    expect.stringMatching(/ {2}running {4,}big\.bin/),
  ]);
});

it("says that nothing is there, and lists nothing", async () => {
  const rig = openProgram("/work", { "transfer.list": async () => [] });
  expect(await rig.run("queue", "ls")).toBe(0);
  expect(rig.terminal).toMatchObject({ outLines: [], errLines: ["No transfers are here."] });
});

it("lists whole views as JSON lines", async () => {
  const rig = open();
  expect(await rig.run("queue", "ls", "--json")).toBe(0);
  expect(rig.terminal.outLines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: "transfer", ...first },
    { type: "transfer", ...second },
  ]);
});

it.each([
  [["pause", "4f9"], "transfer.pause", { id: VIEW_ID }],
  [["resume", "4F0B"], "transfer.resume", { id: OTHER_ID }],
  [["cancel", VIEW_ID], "transfer.cancel", { id: VIEW_ID, keepParts: false }],
  [["cancel", "4f9", "--keep-parts"], "transfer.cancel", { id: VIEW_ID, keepParts: true }],
  [["move", "4f0", "top"], "transfer.move", { id: OTHER_ID, to: "top" }],
  [["pause", "--all"], "transfer.pauseAll", null],
  [["resume", "--all"], "transfer.resumeAll", null],
] as const)("queue %j makes one call", async (args, name, input) => {
  const rig = open();
  expect(await rig.run("queue", ...args)).toBe(0);
  const looks = ["transfer.list", "transfer.unfinished"];
  expect(rig.engine.calls.filter((call) => !looks.includes(call.name))).toEqual([{ name, input }]);
});

it("changes nothing when one of several ids is wrong", async () => {
  const rig = open();
  expect(await rig.run("queue", "cancel", "4f9", "77")).toBe(2);
  expect(rig.engine.inputsOf("transfer.cancel")).toEqual([]);
  expect(rig.terminal.errLines.join()).toContain("longhaul queue ls");
});

it.each([["pause"], ["resume"], ["pause", "4f9", "--all"], ["move", "4f9", "sideways"]])(
  "refuses queue %s %s %s before it looks at the queue",
  async (...args) => {
    const rig = open();
    expect(await rig.run("queue", ...args)).toBe(2);
    expect(rig.sessions).toEqual([]);
  },
);

it("takes the beginning of an id while it is one transfer's", () => {
  expect(findOne([first, second], "4f9")).toBe(first);
  expect(() => findOne([first, second], "4f")).toThrow("2 transfers' ids begin");
  expect(() => findOne([first, second], "")).toThrow("no transfer's id begins");
});

it("says what the store still holds after a cancel", async () => {
  const held = { id: OTHER_ID, direction: "upload", name: "two words", phase: "canceled" } as const;
  const rig = openProgram("/work", {
    "transfer.list": async () => [first, second],
    "transfer.cancel": async () => null,
    "transfer.unfinished": async () => [
      { ...held, id: second.id, isRemoving: true, createdAtMs: 0, pieces: [], pieceCount: 1 },
    ],
  });
  await rig.run("queue", "cancel", "4f0");
  expect(rig.terminal.errLines.join()).toContain("Not removed from the store yet: two words.");
  rig.terminal.errLines.length = 0;
  await rig.run("queue", "cancel", "4f9");
  expect(rig.terminal.errLines).toEqual([]);
});

it("says that nothing runs when what it resumed waits for a window", async () => {
  const rig = open();
  await rig.run("queue", "resume", "4f0");
  expect(rig.terminal.errLines.join()).toContain("Longhaul does not run");
});
