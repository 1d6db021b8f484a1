import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncWish } from "#shared/sync.ts";
import { packFolder } from "../archives/pack-folder.ts";
import { tar, tarEntry } from "../archives/tar-fixtures.ts";
import { assertNotKept, keptBelow } from "./kept-places.ts";
import { RunRig } from "./run-rig.ts";

let rig: RunRig;
beforeEach(() => {
  rig = new RunRig();
  rig.file("me/x", "x");
  rig.file("me/own/secrets.json", "secret");
  rig.protectedPaths = [rig.path("me/own")];
});
afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

const ports = { protectedPaths: () => rig.protectedPaths };
const whole = { contentsOnly: true } as const;
const sync = SyncWish.parse({});

it.each([
  ["upload", {}, ["x"]],
  ["sync", { sync, onConflict: "replace" }, ["x"]],
] as const)("an %s of a folder around it leaves it out", async (_, given, keys) => {
  const sources = [rig.path("me")];
  const id = await rig.upload({ sources, ...whole, ...given });
  expect((await rig.rest(id)).state.phase).toBe("done");
  expect([...rig.store.objects.keys()]).toEqual(keys);
});

it("is in no archive of a folder around it", async () => {
  rig.packFolder = packFolder;
  const id = await rig.upload({ sources: [rig.path("me")], archive: "tar" });
  expect((await rig.rest(id)).state.phase).toBe("done");
  const [object] = rig.store.objects.values();
  expect(object?.bytes.includes("secret")).toBe(false);
  expect(object?.bytes.includes("own")).toBe(false);
});

it("gets no file of a download into a folder around it", async () => {
  rig.store.seed("m/own/settings.json", Buffer.from("theirs"));
  rig.store.seed("m/y", Buffer.from("y"));
  const id = await rig.download({ keys: ["m/"], folder: rig.path("me"), ...whole });
  await rig.rest(id);
  expect((await rig.items(id)).map(({ error }) => error?.code)).toEqual(["path-unsafe", undefined]);
  expect(existsSync(rig.path("me/own/settings.json"))).toBe(false);
  expect(rig.read("me/y")).toBe("y");
});

it("is not moved out of the way of an archive", async () => {
  rig.store.seed("a.tar", tar(tarEntry("own/settings.json", "theirs")));
  const unpack = { destination: rig.path("me"), method: "auto" } as const;
  const id = await rig.download({ keys: ["a.tar"], unpack, onConflict: "replace" });
  expect((await rig.rest(id)).state.phase).toBe("failed");
  expect(rig.read("me/own/secrets.json")).toBe("secret");
});

it("is known through links, and is nobody's concern elsewhere", async () => {
  symlinkSync(rig.path("me"), rig.path("link"));
  mkdirSync(rig.path("other"));
  expect((await keptBelow(rig.path("link"), ports))?.("own/a")).toBe(true);
  expect((await keptBelow(rig.path("link"), ports))?.("owner")).toBe(false);
  expect(await keptBelow(rig.path("me/own"), ports)).toBeNull();
  expect(await keptBelow(rig.path("other"), ports)).toBeNull();
  await assertNotKept(rig.path("other"), ports);
  for (const name of ["me/own/x", "me/own", "me", "link"]) {
    const asserted = assertNotKept(rig.path(name), ports);
    await expect(asserted).rejects.toMatchObject({ code: "path-unsafe" });
  }
});
