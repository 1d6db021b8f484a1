import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { MiB } from "../bytes/sizes.ts";

const CHILD = fileURLToPath(new URL("./list-million-child.ts", import.meta.url));
const PAGES = 1000;
const EVERY = 100;

const Told = z.strictObject({ pages: z.int(), heapBytes: z.int(), bufferBytes: z.int() });
const run = promisify(execFile);

it("lists a prefix of a million keys at flat memory, into the journal", async () => {
  const folder = mkdtempSync(join(tmpdir(), "longhaul-million-"));
  try {
    const args = ["--expose-gc", CHILD, join(folder, "journal.db"), `${PAGES}`, `${EVERY}`];
    const { stdout } = await run(process.execPath, args, { timeout: 500_000 });
    const lines = stdout.trim().split("\n");
    expect(JSON.parse(lines.pop() ?? "")).toEqual({ itemCount: PAGES * 1000 });
    const told = lines.map((line) => Told.parse(JSON.parse(line)));
    expect(told.map(({ pages }) => pages)).toEqual(
      Array.from({ length: PAGES / EVERY }, (_, n) => (n + 1) * EVERY),
    );
    const [first, last] = [told[0], told.at(-1)];
    const grownBytes = (last?.heapBytes ?? 0) - (first?.heapBytes ?? 0);
    // 900,000 keys came since: twenty bytes each would be more.
    expect(grownBytes).toBeLessThan(16 * MiB);
    // Which names are taken is known by sixteen bytes each, in a table that is at most half empty.
    expect(last?.bufferBytes).toBeLessThan(64 * MiB);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 600_000);
