/**
 * The crash lab: `npm run lab:crash -- [--kills=200] [--points=1000] [--power=0] [--seed=1]
 * [--within=SECONDS]`. Kills
 * the program in the middle of uploads and downloads of mixed trees, starts it again over the same
 * home, and compares what arrives with what was sent, byte by byte and without the engine.
 */
import type { Figures } from "./crash-lab/random-kills.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LabStore } from "./crash-lab/lab-store.ts";
import { CONNECTIONS } from "./crash-lab/lab-case.ts";
import { canMount, cutPower } from "./crash-lab/power-cuts.ts";
import { killAtRandom } from "./crash-lab/random-kills.ts";
import { canTrace, killAtCalls } from "./crash-lab/syscall-kills.ts";
import { FEW, makeTree, MIXED, randomOf } from "./crash-lab/tree.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    points: { type: "string", default: "1000" },
    power: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    within: { type: "string", default: "7200" },
  },
});
const [kills, points, power, seed, withinSeconds] = [
  values.kills,
  values.points,
  values.power,
  values.seed,
  values.within,
].map(Number);
const endAtMs = Date.now() + (withinSeconds ?? 0) * 1000;
const random = randomOf(seed ?? 1);
const folder = mkdtempSync(join(tmpdir(), "longhaul-crash-lab-"));
const store = await LabStore.start(folder);
const total = { passed: 0, failed: 0, skipped: 0 };
try {
  const mixed = makeTree(join(folder, "trees", "mixed"), MIXED, random);
  const few = makeTree(join(folder, "trees", "few"), FEW, random);
  await store.seed(mixed, "seed/");
  await store.seed(few, "few/");
  const lab = { folder, store, tree: mixed };
  await part("random kills", kills, true, (most) =>
    killAtRandom(lab, { kills: most, endAtMs }, random),
  );
  await part("kills at system calls", points, canTrace(), (most) =>
    killAtCalls({ ...lab, tree: few }, { kills: most, endAtMs }, { random, say }),
  );
  await part("power cuts", power, canMount(folder), (most) =>
    cutPower(lab, { kills: most, endAtMs }, random),
  );
} finally {
  await store.stop();
  // What is wrong is left for a look.
  if (total.failed === 0) rmSync(folder, { recursive: true, force: true });
}
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function part(
  name: string,
  most: number | undefined,
  canRun: boolean,
  run: (most: number) => Promise<Figures>,
): Promise<void> {
  if (!most) return;
  if (!canRun) {
    total.skipped += 1;
    say(`${name}: left out, this machine has no means for them`);
    return;
  }
  const startedAtMs = Date.now();
  const figures = await run(most);
  total.passed += figures.transfers - figures.broken;
  total.failed += figures.broken;
  say(`${name}: ${tell(figures)}, in ${Math.round((Date.now() - startedAtMs) / 1000)} s`);
}

function tell({ kills: killed, transfers, rested, broken, breaches, parts }: Figures): string {
  for (const breach of breaches) say(`BREACH ${breach}`);
  const most = Math.max(0, ...parts);
  const mean = parts.reduce((sum, count) => sum + count, 0) / Math.max(1, parts.length);
  const rests =
    rested === 0 ? "" : `${rested} rested a minute after three kills without progress; `;
  return (
    `${killed} in ${transfers} transfers, ${broken} of them with ${breaches.length} breaches; ${rests}a kill made ` +
    `${most} parts move twice at most, ${mean.toFixed(1)} on average, over ${CONNECTIONS} connections`
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
