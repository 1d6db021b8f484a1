import { expect, it } from "vitest";
import { UnfinishedTransfer } from "#shared/unfinished.ts";
import { FakeClock } from "#main/flow/fake-clock.ts";
import { VIEW_ID } from "../fake-views.ts";
import { openProgram } from "../program-rig.ts";

const kept = UnfinishedTransfer.parse({
  id: VIEW_ID,
  direction: "upload",
  name: "optimizer.pt",
  phase: "canceled",
  isRemoving: false,
  createdAtMs: 0,
  pieces: [
    {
      kind: "upload",
      profileId: "lab",
      bucket: "lab",
      key: "step/optimizer.pt",
      uploadId: "u1",
      startedAtMs: new FakeClock().wallMs() - 7_200_000,
      expiresAtMs: new FakeClock().wallMs() + 6 * 24 * 3_600_000,
      heldBytes: 40_600_000_000,
      sizeBytes: 64_200_000_000,
    },
  ],
  pieceCount: 3,
});

it("lists key, age, size held and expiry, and says how to go on or remove it", async () => {
  const program = openProgram("/tmp", { "transfer.unfinished": async () => [kept] });
  expect(await program.run("queue", "ls", "--unfinished")).toBe(0);
  const [head, piece, more] = program.terminal.outLines;
  expect(head).toBe(`${VIEW_ID}  optimizer.pt  canceled, kept`);
  expect(piece).toMatch(
    /^ {2}2 h .*40\.6 GB of 64\.2 GB +s3:\/\/lab\/step\/optimizer\.pt {2}expires in 6 d/,
  );
  expect(more).toBe("  and 2 more");
  expect(program.terminal.errLines.join("\n")).toContain("longhaul queue cancel ID");
});

it("gives one JSON line a transfer", async () => {
  const program = openProgram("/tmp", { "transfer.unfinished": async () => [kept] });
  expect(await program.run("queue", "ls", "--unfinished", "--json")).toBe(0);
  expect(program.terminal.outLines.map((line): unknown => JSON.parse(line))).toEqual([
    { type: "unfinished", ...kept },
  ]);
});

it("says so when nothing is", async () => {
  const program = openProgram("/tmp", { "transfer.unfinished": async () => [] });
  expect(await program.run("queue", "ls", "--unfinished")).toBe(0);
  expect(program.terminal.outLines).toEqual([]);
  expect(program.terminal.errLines).toEqual(["Nothing is unfinished."]);
});
