import type { Direction, Ending, Run } from "./lab-case.ts";
import type { LabStore } from "./lab-store.ts";
import type { Tree } from "./tree.ts";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LabCase } from "./lab-case.ts";

/** So that a transfer takes about three seconds, and a kill comes in the middle of it. */
const MEGABYTES_PER_SECOND = 16;
/** Until a program that was started asks for its first byte. */
const START_MS = 450;
/** A transfer is killed so often, then let go. */
const KILLS_PER_TRANSFER = 8;
/** After a request that a kill waits for. */
const AFTER_MS = 25;
const LOOK_EVERY_MS = 4;
/** The request that a kill waits for may have been made in an earlier run. */
const MOMENT_WITHIN_MS = 4000;

/** Phases that take too short a time to be hit by chance. */
const MOMENTS: Readonly<Record<Direction, readonly string[]>> = {
  up: [
    "ListObjectsV2",
    "CreateMultipartUpload",
    "ListParts",
    "PutObject",
    "CompleteMultipartUpload",
  ],
  down: ["ListObjectsV2", "HeadObject", "GetObjectAttributes", "GetObject"],
};

export type Figures = {
  kills: number;
  transfers: number;
  /** Transfers that three kills in a row stopped before they got further, and a person resumed. */
  rested: number;
  /** Transfers that did not go as they must. */
  broken: number;
  readonly breaches: string[];
  /** Of every kill: parts that were moved twice because of it. */
  readonly parts: number[];
};

export function noFigures(): Figures {
  return { kills: 0, transfers: 0, rested: 0, broken: 0, breaches: [], parts: [] };
}

export type Bounds = { readonly kills: number; readonly endAtMs: number };

/** Kills uploads and downloads in turn, at random, until there were enough kills. */
export async function killAtRandom(
  lab: { readonly folder: string; readonly store: LabStore; readonly tree: Tree },
  { kills, endAtMs }: Bounds,
  random: () => number,
): Promise<Figures> {
  const figures = noFigures();
  while (figures.kills < kills && Date.now() < endAtMs) {
    const isUp = figures.transfers % 2 === 0;
    const name = `${isUp ? "up" : "down"}-${figures.transfers}`;
    const lane = new LabCase({
      direction: isUp ? "up" : "down",
      folder: join(lab.folder, name),
      store: lab.store,
      tree: lab.tree,
      prefix: isUp ? `${name}/` : "seed/",
      megabytesPerSecond: MEGABYTES_PER_SECOND,
      // Two of three are gone on with by the same command, one by a server.
      goesOn: figures.transfers % 6 < 4 ? "command" : "serve",
    });
    const most = Math.min(KILLS_PER_TRANSFER, kills - figures.kills);
    const isDone = await killOften(lane, { most, isUp, totalBytes: lab.tree.totalBytes }, random);
    if (isDone) await lane.checkDone();
    else await lane.finish();
    figures.parts.push(...lane.twice().parts);
    figures.kills += lane.kills;
    figures.transfers += 1;
    if (lane.hasRested) figures.rested += 1;
    if (lane.breaches.length > 0) figures.broken += 1;
    figures.breaches.push(...lane.breaches);
    if (lane.breaches.length === 0) lane.remove();
  }
  return figures;
}

type Plan = { readonly most: number; readonly isUp: boolean; readonly totalBytes: number };

/** @returns whether the program came to its end by itself. */
async function killOften(
  lane: LabCase,
  { most, isUp, totalBytes }: Plan,
  random: () => number,
): Promise<boolean> {
  while (lane.kills < most) {
    const movedBytes = lane.log.reduce(
      (sum, { bodyBytesIn, bodyBytesOut }) => sum + (isUp ? bodyBytesIn : bodyBytesOut),
      0,
    );
    const restMs = Math.max(0, totalBytes - movedBytes) / (MEGABYTES_PER_SECOND * 1000);
    const known = lane.log.length;
    const run = lane.launch();
    const ending =
      random() < 0.6
        ? await killAfter(run, random() * (START_MS + restMs + 300))
        : await killAtMoment(run, { lane, known, direction: isUp ? "up" : "down", random });
    if (ending.kind === "done") return true;
    if (ending.kind === "failed") {
      lane.failed(ending.text);
      return false;
    }
    await lane.checkKilled();
  }
  return false;
}

async function killAfter(run: Run, ms: number): Promise<Ending> {
  const timer = setTimeout(() => run.child.kill("SIGKILL"), ms);
  return await run.ended.finally(() => clearTimeout(timer));
}

/** Kills just after the store answered a request of some kind, which may be any of that kind. */
async function killAtMoment(
  run: Run,
  seen: { lane: LabCase; known: number; direction: Direction; random: () => number },
): Promise<Ending> {
  const { lane, known, direction, random } = seen;
  const moments = MOMENTS[direction];
  const op = moments[Math.floor(random() * moments.length)];
  const nth = 1 + Math.floor(random() ** 2 * 40);
  const isOver = () => run.child.exitCode !== null || run.child.signalCode !== null;
  const most = Date.now() + MOMENT_WITHIN_MS;
  while (!isOver() && Date.now() < most) {
    const met = lane.log.slice(known).filter((exchange) => exchange.op === op).length;
    // The last of its kind may be long past its first.
    if (met >= nth || (met > 0 && random() < 0.02)) break;
    await pause(LOOK_EVERY_MS);
  }
  await pause(random() * AFTER_MS);
  run.child.kill("SIGKILL");
  return await run.ended;
}
