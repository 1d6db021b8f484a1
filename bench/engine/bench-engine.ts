import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FULL_SIZES, Material } from "../peers/cases.ts";
import type { Sizes } from "../peers/cases.ts";
import { startSandbox } from "../sandbox-child.ts";
import type { RunningSandbox } from "../sandbox-child.ts";
import { LAB_BUCKET } from "../lab-engine.ts";
import { measureCancel } from "./cancel.ts";
import { measureLoop } from "./loop.ts";
import { measureMemory } from "./memory.ts";
import { measureStart } from "./start.ts";

/** One thing that was measured, and what it may be at most; null is shown and not judged. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly atMost: number | null;
};

export type EngineBench = {
  readonly folder: string;
  readonly material: Material;
  readonly sandbox: RunningSandbox;
  readonly sizes: EngineSizes;
};

export type EngineSizes = Sizes & {
  /** Finished items in the journal of the start. */
  readonly finishedItems: number;
  readonly sparseBytes: number;
};

const FULL: EngineSizes = {
  ...FULL_SIZES,
  finishedItems: 100_000,
  sparseBytes: 20 * 1024 ** 3,
};
const SMALL: EngineSizes = {
  largeBytes: 128 * 1024 ** 2,
  smallCount: 500,
  smallBytes: 16_384,
  keyCount: 0,
  sameCount: 0,
  finishedItems: 2_000,
  sparseBytes: 1024 ** 3,
};

const CASES = {
  start: measureStart,
  cancel: measureCancel,
  loop: measureLoop,
  memory: measureMemory,
} as const;

/**
 * `npm run bench -- engine [--case start|cancel|loop|memory]… [--small]`: what the engine promises of
 * itself, against the sandbox. @returns Whether every figure was met.
 */
export async function benchEngine(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", multiple: true, default: Object.keys(CASES) },
      small: { type: "boolean", default: false },
    },
  });
  const chosen = Object.entries(CASES).filter(([name]) => values.case.includes(name));
  if (chosen.length !== values.case.length)
    throw new Error(`Cases: ${Object.keys(CASES).join(", ")}.`);
  const sizes = values.small ? SMALL : FULL;
  const folder = await mkdtemp(join(tmpdir(), "longhaul-bench-"));
  const sandbox = await startSandbox(LAB_BUCKET);
  try {
    const material = new Material(join(folder, "material"), sizes);
    await mkdir(material.folder);
    await material.make();
    const missed: string[] = [];
    for (const [name, measure] of chosen) {
      const figures = await measure({ folder, material, sandbox, sizes });
      say(`\n### ${name} (load ${loadavg()[0]?.toFixed(1) ?? ""})\n`);
      for (const figure of figures) {
        const isMissed = figure.atMost !== null && !(figure.value <= figure.atMost);
        if (isMissed) missed.push(figure.what);
        say(lineOf(figure, isMissed));
      }
    }
    say(
      `\nengine: ${missed.length === 0 ? "every figure is met" : `missed: ${missed.join(", ")}`}`,
    );
    return missed.length === 0;
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function lineOf({ what, value, unit, atMost }: Figure, isMissed: boolean): string {
  const rounded = Number.isInteger(value) ? String(value) : value.toFixed(1);
  const bound = atMost === null ? "" : ` (at most ${atMost}${isMissed ? ", MISSED" : ""})`;
  return `- ${what}: ${rounded} ${unit}${bound}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
