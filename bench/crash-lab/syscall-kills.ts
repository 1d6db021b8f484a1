import type { Direction } from "./lab-case.ts";
import type { LabStore } from "./lab-store.ts";
import type { Bounds, Figures } from "./random-kills.ts";
import type { Tree } from "./tree.ts";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LabCase } from "./lab-case.ts";
import { noFigures } from "./random-kills.ts";

/** A system call that the program is killed at, before it takes effect. */
type Point = {
  readonly name: string;
  readonly call: string;
  /** Only where it is about the journal's log, which one thread alone writes. */
  readonly isJournal: boolean;
};

const POINTS: Readonly<Record<Direction, readonly Point[]>> = {
  up: [
    { name: "commit", call: "fsync", isJournal: true },
    { name: "journal write", call: "pwrite64", isJournal: true },
    { name: "rename", call: "rename", isJournal: false },
    { name: "unlink", call: "unlink", isJournal: false },
  ],
  down: [
    { name: "commit", call: "fsync", isJournal: true },
    { name: "journal write", call: "pwrite64", isJournal: true },
    { name: "flush of a folder or the journal", call: "fsync", isJournal: false },
    { name: "flush of data", call: "fdatasync", isJournal: false },
    { name: "link", call: "link", isJournal: false },
    { name: "rename", call: "rename", isJournal: false },
    { name: "unlink", call: "unlink", isJournal: false },
  ],
};

/** Whether system calls can be made to kill here. */
export function canTrace(): boolean {
  const probe = ["-qq", "-f", "-o", "/dev/null", "-e", "trace=fsync", "true"];
  return process.platform === "linux" && spawnSync("strace", probe).status === 0;
}

type Lab = { readonly folder: string; readonly store: LabStore; readonly tree: Tree };

/**
 * Kills the program at its first, second, third … call of each kind, in an upload and in a download,
 * and lets it go on. strace counts the calls of each thread by itself; the pool that does the calls
 * for files gets one thread here, so there are two that count: that one, and the journal's.
 *
 * @param bounds `kills`: at most so many of each kind, spread over all that there are.
 */
export async function killAtCalls(
  lab: Lab,
  bounds: Bounds,
  { random, say }: { readonly random: () => number; readonly say: (line: string) => void },
): Promise<Figures> {
  const figures = noFigures();
  for (const direction of ["up", "down"] as const) {
    for (const point of POINTS[direction]) {
      const before = figures.kills;
      const count = await countCalls(lab, direction, point);
      for (const nth of spread(count, bounds.kills, random)) {
        if (Date.now() >= bounds.endAtMs) break;
        await killAt(lab, { direction, point, nth }, figures);
      }
      say(`${direction}: killed at ${figures.kills - before} of ${count} calls: ${point.name}`);
    }
  }
  return figures;
}

/** `most` numbers of 1 to `count`, one of each stretch, or all. */
function spread(count: number, most: number, random: () => number): number[] {
  const taken = Math.min(count, most);
  const numberIn = (stretch: number) => 1 + Math.floor(((stretch + random()) * count) / taken);
  return Array.from({ length: taken }, (_, stretch) => numberIn(stretch));
}

let caseCount = 0;

function openCase({ folder, store, tree }: Lab, direction: Direction): LabCase {
  caseCount += 1;
  const name = `call-${caseCount}`;
  const prefix = direction === "up" ? `${name}/` : "few/";
  const options = { direction, store, tree, prefix, megabytesPerSecond: null };
  return new LabCase({ ...options, folder: join(folder, name) });
}

/** Most calls that one thread makes in an undisturbed run. */
async function countCalls(lab: Lab, direction: Direction, point: Point): Promise<number> {
  const lane = openCase(lab, direction);
  const file = join(lab.folder, "trace.txt");
  const run = lane.launch([...trace(lane, point, file), "--"], ONE_POOL_THREAD);
  const { kind, text } = await run.ended;
  if (kind !== "done") throw new Error(`a traced run failed: ${text}`);
  lane.remove();
  const perThread = new Map<string, number>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, thread = "", call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (call === point.call) perThread.set(thread, (perThread.get(thread) ?? 0) + 1);
  }
  return Math.max(0, ...perThread.values());
}

const ONE_POOL_THREAD = { UV_THREADPOOL_SIZE: "1" };

function trace(lane: LabCase, { call, isJournal }: Point, file: string): string[] {
  const only = isJournal ? ["-P", join(lane.home, "journal.db-wal")] : [];
  // Not with --seccomp-bpf: it misses most of what is to be injected.
  return ["strace", "-qq", "-f", ...only, "-o", file, "-e", `trace=${call}`];
}

async function killAt(
  lab: Lab,
  { direction, point, nth }: { direction: Direction; point: Point; nth: number },
  figures: Figures,
): Promise<void> {
  const lane = openCase(lab, direction);
  const inject = ["-e", `inject=${point.call}:signal=KILL:when=${nth}`];
  const under = [...trace(lane, point, "/dev/null"), ...inject, "--"];
  const { kind, text } = await lane.launch(under, ONE_POOL_THREAD).ended;
  if (kind === "killed") {
    await lane.checkKilled();
    await lane.finish();
    figures.parts.push(...lane.twice().parts);
  } else if (kind === "done") await lane.checkDone();
  else lane.failed(text);
  figures.kills += lane.kills;
  figures.transfers += 1;
  if (lane.breaches.length > 0) figures.broken += 1;
  figures.breaches.push(...lane.breaches.map((each) => `${point.name} ${nth}, ${each}`));
  if (lane.breaches.length === 0) lane.remove();
}
