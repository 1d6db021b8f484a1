import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TransferId } from "#shared/transfer.ts";
import { systemClock } from "#main/flow/clock.ts";
import { ITEMS_PER_COMMIT } from "#main/transfers/journal.ts";
import type { ItemRow, Journal, TransferRow } from "#main/transfers/journal.ts";
import { openJournal } from "#main/transfers/journal-open.ts";
import { medianOf } from "../peers/figures.ts";
import { measure } from "../peers/measure.ts";
import type { EngineBench, Figure } from "./bench-engine.ts";

const CLI = fileURLToPath(new URL("../../out/app/cli.js", import.meta.url));
const RUNS = 5;

/** How long a start takes over a journal of finished items: `longhaul queue ls`, the whole process. */
export async function measureStart(bench: EngineBench): Promise<readonly Figure[]> {
  const home = join(bench.folder, "home-start");
  await mkdir(home, { mode: 0o700 });
  const { address } = bench.sandbox;
  const env = {
    LONGHAUL_HOME: home,
    AWS_ACCESS_KEY_ID: address.accessKeyId,
    AWS_SECRET_ACCESS_KEY: address.secretAccessKey,
    AWS_ENDPOINT_URL: address.endpoint,
    AWS_REGION: address.region,
  };
  const longhaul = (...args: string[]) =>
    measure({ program: process.execPath, args: [CLI, ...args], env }, bench.folder);
  const first = join(bench.material.treeFolder, "d0", "f0.bin");
  await longhaul("cp", first, "s3://lab/start/", "--quiet");
  await longhaul("queue", "ls");
  const before = await longhaul("queue", "ls");
  await multiply(join(home, "journal.db"), bench.sizes.finishedItems);
  const taken: number[] = [];
  for (let run = 0; run < RUNS; run += 1)
    taken.push((await longhaul("queue", "ls")).wallSeconds * 1000);
  return [
    {
      what: "start with one finished item",
      value: before.wallSeconds * 1000,
      unit: "ms",
      atMost: null,
    },
    {
      what: `start with ${bench.sizes.finishedItems} finished items, median of ${RUNS}`,
      value: medianOf(taken),
      unit: "ms",
      atMost: 1000,
    },
  ];
}

/** Puts copies of the one finished transfer into the journal, a thousand items each. */
async function multiply(path: string, itemCount: number): Promise<void> {
  const { journal } = await openJournal(path, systemClock);
  try {
    const [transfer] = await journal.transfers();
    const [item] = transfer ? await journal.items({ transferId: transfer.id, limit: 1 }) : [];
    if (transfer === undefined || item?.phase !== "done") throw new Error("nothing was finished");
    for (let from = 0; from < itemCount; from += ITEMS_PER_COMMIT)
      await copy(journal, transfer, item, from);
  } finally {
    await journal.close();
  }
}

async function copy(
  journal: Journal,
  transfer: TransferRow,
  item: ItemRow,
  from: number,
): Promise<void> {
  const id = TransferId.parse(crypto.randomUUID());
  const items = Array.from({ length: ITEMS_PER_COMMIT }, (_, index) => ({
    ...item,
    index,
    name: `f${from + index}.bin`,
  }));
  await journal.commit([
    { type: "transfer-put", row: { ...transfer, id, specKey: `copy ${from}` } },
    { type: "items-added", transferId: id, items },
  ]);
}
