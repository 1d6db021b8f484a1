import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROGRAM } from "./lab-case.ts";
import { LabStore } from "./lab-store.ts";
import { canMount, cutPower } from "./power-cuts.ts";
import { makeTree, MIXED, randomOf } from "./tree.ts";

const folder = mkdtempSync(join(tmpdir(), "longhaul-power-"));
/** Needs the built program, and a system that mounts images for us. */
const canRun = existsSync(PROGRAM) && canMount(folder);

let store: LabStore | null = null;
beforeAll(async () => {
  if (canRun) store = await LabStore.start(folder);
});
afterAll(async () => {
  await store?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it.skipIf(!canRun)(
  "J2 power cut: what the disk had kept of an upload and a download goes on to the right bytes",
  async () => {
    if (store === null) throw new Error("there is no store");
    const random = randomOf(7);
    const tree = makeTree(join(folder, "tree"), MIXED, random);
    await store.seed(tree, "seed/");
    const bounds = { kills: 2, endAtMs: Infinity };
    const figures = await cutPower({ folder, store, tree }, bounds, random);
    expect(figures).toMatchObject({ kills: 2, transfers: 2, broken: 0, breaches: [] });
  },
  120_000,
);
