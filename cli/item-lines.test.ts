import { expect, it } from "vitest";
import type { Client } from "#shared/client.ts";
import type { ItemView } from "#shared/transfer.ts";
import { FakeTerminal } from "./fake-terminal.ts";
import { done, makeItem, makeView } from "./fake-views.ts";
import { printItems } from "./item-lines.ts";

const receipt = {
  sizeBytes: 1,
  rung: "full-crc",
  sha256: null,
  etag: '"e"',
  versionId: "v7",
  partCount: 1,
  movedTwiceBytes: 0,
  notes: [],
  finishedAtMs: 5,
} as const;

/** Prints a transfer of these items; answers the lines, and the terminal. */
async function print(count: number, itemAt: (index: number) => ItemView) {
  const terminal = new FakeTerminal();
  const asked: unknown[] = [];
  const client = {
    onEvent: () => () => undefined,
    call: async (_name: string, input: { offset: number; limit: number }) => {
      asked.push(input);
      const length = Math.max(0, Math.min(input.limit, count - input.offset));
      const items = Array.from({ length }, (_, at) => itemAt(input.offset + at));
      return { items, total: count };
    },
  } as unknown as Client;
  await printItems(client, makeView({ state: done, itemCount: count }), terminal);
  return { lines: terminal.outLines.map((line) => JSON.parse(line) as unknown), terminal, asked };
}

it("prints one line for each item that came to an end, with its receipt", async () => {
  const phases = ["done", "waiting", "failed", "skipped"] as const;
  const { lines } = await print(4, (index) =>
    makeItem({
      index,
      name: `f${index}`,
      phase: phases[index] ?? "done",
      receipt: index === 0 ? { ...receipt, notes: [] } : null,
      error: index === 2 ? { code: "corrupt", message: "", details: {} } : null,
    }),
  );
  expect(lines).toMatchObject([
    { type: "item", index: 0, name: "f0", phase: "done", sizeBytes: 1, receipt, error: null },
    { type: "item", index: 2, phase: "failed", receipt: null, error: { code: "corrupt" } },
    { type: "item", index: 3, phase: "skipped", receipt: null },
  ]);
});

it("goes page by page, each after the one before was taken", async () => {
  const { lines, terminal, asked } = await print(1100, (index) =>
    makeItem({ index, phase: "done" }),
  );
  expect(lines).toHaveLength(1100);
  expect(asked).toMatchObject([{ offset: 0 }, { offset: 500 }, { offset: 1000 }]);
  expect(terminal.takenCount).toBe(3);
});
