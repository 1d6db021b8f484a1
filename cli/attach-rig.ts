import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import type { Launched, ProcessRig } from "./process-rig.ts";
import { useProcesses, WITHIN } from "./process-rig.ts";

type AttachRig = {
  readonly processes: ProcessRig;
  /** Without keys, so that only what is lent to it can sign. Resolves once it serves. */
  readonly serve: () => Promise<Launched>;
  /** Runs a command that has nothing to complain of. */
  readonly does: (...args: string[]) => Promise<void>;
  /** Random bytes in the working folder. */
  readonly makeFile: (name: string, sizeBytes: number) => Buffer;
  /** What the store has under a key, as a command brings it. */
  readonly broughtBack: (uri: string) => Promise<Buffer>;
  /** Resolves once bytes of that many transfers are on their way. */
  readonly areUnderWay: (count: number) => Promise<void>;
  /** Resolves once the store took that many parts. */
  readonly hasParts: (key: string, least?: number) => Promise<void>;
};

const UnderWay = z.object({
  state: z.object({ phase: z.literal("running") }),
  inFlightBytes: z.int().positive(),
});

/**
 * For tests: commands that attach to a `serve`, over one home. Registers its own beginning and end
 * with the file that calls it.
 */
export function useAttached(name: string): AttachRig {
  const processes = useProcesses(name);
  const does = async (...args: string[]) => {
    const { code, err } = await processes.run(...args);
    expect([code, err]).toEqual([0, ""]);
  };
  const inFolder = (file: string) => join(processes.folder, file);
  return {
    processes,
    serve: async () => {
      const serving = processes.launchWith({}, "serve", "--port", "0");
      await expect.poll(() => serving.said.out, WITHIN).toContain("#token=");
      return serving;
    },
    does,
    makeFile: (file, sizeBytes) => {
      const bytes = randomBytes(sizeBytes);
      writeFileSync(inFolder(file), bytes);
      return bytes;
    },
    broughtBack: async (uri) => {
      const back = ["--on-conflict", "replace", uri, "back.bin"];
      await does("cp", "-q", ...back);
      return readFileSync(inFolder("back.bin"));
    },
    areUnderWay: async (count) => {
      const underWayCount = async () => {
        const { out } = await processes.run("queue", "ls", "--json");
        const lines = out.split("\n").filter((line) => line !== "");
        return lines.filter((line) => UnderWay.safeParse(JSON.parse(line)).success).length;
      };
      await expect.poll(underWayCount, WITHIN).toBe(count);
    },
    hasParts: async (key, least = 1) =>
      await expect.poll(() => processes.partsOf(key).length, WITHIN).toBeGreaterThanOrEqual(least),
  };
}
