import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KiB } from "../bytes/sizes.ts";
import { statFile } from "../disk/stat-file.ts";
import { FakeRig, variedBytes } from "./fake-rig.ts";
import { fetchItem } from "./fetch-item.ts";
import type { FetchItem } from "./ports.ts";

const KEY = "models/a.bin";
/** What one range is at most. */
const UNIT = 128 * KiB;
const SIZE = 4 * UNIT + 123;
const bytes = variedBytes(SIZE);

let rig: FakeRig;
beforeEach(() => {
  rig = new FakeRig();
  rig.rangeBytes = UNIT;
});
afterEach(() => {
  rig.close();
});

const fetch = (item: FetchItem, signal = rig.controller.signal) =>
  fetchItem(item, rig.fetchJournal, rig.tools, signal);
const gets = (): string[] => rig.store.calls.filter((call) => call.startsWith("get "));

describe("the final name of a fetch", () => {
  const occupy = (item: FetchItem): void => {
    mkdirSync(join(item.path, ".."), { recursive: true });
    writeFileSync(item.path, "mine");
  };

  it("is refused before a byte moves when something has it", async () => {
    rig.store.seed(KEY, bytes);
    const item = rig.target(KEY);
    occupy(item);
    await expect(fetch(item)).rejects.toMatchObject({ code: "conflict" });
    expect(gets()).toEqual([]);
    expect(readFileSync(item.path, "utf8")).toBe("mine");
  });

  it("is not taken from a file that came meanwhile", async () => {
    rig.store.seed(KEY, bytes);
    const item = rig.target(KEY);
    rig.store.after = (call) => {
      if (call.startsWith("get ")) occupy(item);
    };
    await expect(fetch(item)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(item.path, "utf8")).toBe("mine");
  });

  it("replaces the file that was agreed, and only while it is what it was", async () => {
    rig.store.seed(KEY, bytes);
    const item = rig.target(KEY);
    occupy(item);
    const { stamp } = await statFile(item.path);
    writeFileSync(item.path, "edited since");
    await expect(fetch({ ...item, replaces: stamp })).rejects.toMatchObject({ code: "conflict" });
    await fetch({ ...item, replaces: (await statFile(item.path)).stamp });
    expect(readFileSync(item.path).equals(bytes)).toBe(true);
  });

  it("is not given where a link leads out of the destination", async () => {
    rig.store.seed(KEY, bytes);
    mkdirSync(join(rig.folder, "inside"));
    mkdirSync(join(rig.folder, "outside"));
    symlinkSync(join(rig.folder, "outside"), join(rig.folder, "inside/link"));
    const path = join(rig.folder, "inside/link/a.bin");
    const item = rig.target(KEY, { root: join(rig.folder, "inside"), path });
    await expect(fetch(item)).rejects.toMatchObject({ code: "path-unsafe" });
    expect(readdirSync(join(rig.folder, "outside"))).toEqual([]);
  });

  it("needs the destination to be there", async () => {
    rig.store.seed(KEY, bytes);
    const root = join(rig.folder, "unplugged");
    const item = rig.target(KEY, { root, path: join(root, "a.bin") });
    await expect(fetch(item)).rejects.toMatchObject({ code: "folder-missing" });
    expect(existsSync(root)).toBe(false);
  });
});
