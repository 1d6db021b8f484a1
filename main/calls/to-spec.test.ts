import { beforeEach, describe, expect, it } from "vitest";
import type { LocalRef } from "#shared/transfer-request.ts";
import { DownloadRequest, DropRequest, UploadRequest } from "#shared/transfer-request.ts";
import { LonghaulError } from "#shared/errors.ts";
import { TransferSpec } from "../transfers/transfer-spec.ts";
import { toDownloadSpec, toDropSpec, toUploadSpec } from "./to-spec.ts";

const destination = { profileId: "lab", bucket: "models", prefix: "llama/" };
const place = { profileId: "lab", bucket: "models" };

/** References that were resolved, with their use. */
let asked: [LocalRef, string][];

beforeEach(() => {
  asked = [];
});

async function resolve(ref: LocalRef, use: "read" | "write"): Promise<string> {
  asked.push([ref, use]);
  if ("handle" in ref) return `/picked/${ref.handle}`;
  if (ref.path.startsWith("/etc") || ref.path === "/")
    throw new LonghaulError("path-denied", ref.path);
  return ref.path.replace(/\/$/u, "");
}

const upload = (request: unknown) => toUploadSpec(UploadRequest.parse(request), resolve);
const download = (request: unknown) => toDownloadSpec(DownloadRequest.parse(request), resolve);

describe("an upload", () => {
  it("is what the journal can keep, with every source where it really is", async () => {
    const sources = [{ path: "/models/a" }, { handle: "b" }];
    const spec = await upload({ sources, destination, exclude: ["*.tmp"], onConflict: "skip" });
    expect(TransferSpec.parse(spec)).toEqual({
      kind: "upload",
      sources: ["/models/a", "/picked/b"],
      destination,
      rename: null,
      contentsOnly: false,
      readBack: false,
      onConflict: "skip",
      followSymlinks: false,
      emptyFolders: false,
      include: [],
      exclude: ["*.tmp"],
      partSizeBytes: null,
    });
    expect(asked).toEqual([
      [{ path: "/models/a" }, "read"],
      [{ handle: "b" }, "read"],
    ]);
  });

  it("takes a source that is named twice once, in whatever words", async () => {
    const sources = ["/models/a", "/models/b", "/models/a/"].map((path) => ({ path }));
    expect(await upload({ sources, destination })).toMatchObject({
      sources: ["/models/a", "/models/b"],
    });
  });

  it("gives another name to one file only, however often that is named", async () => {
    const [a, b] = [{ path: "/models/a" }, { path: "/models/b" }];
    const again = { path: "/models/a/" };
    const renamed = { destination, rename: "c" };
    await expect(upload({ sources: [a, b], ...renamed })).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await upload({ sources: [a, again], ...renamed })).toMatchObject({ rename: "c" });
  });

  it("is refused as a whole when one source may not be read", async () => {
    const sources = [{ path: "/models/a" }, { path: "/etc/shadow" }];
    await expect(upload({ sources, destination })).rejects.toMatchObject({ code: "path-denied" });
  });

  it.each(["llama", "a/b", "/", "a//"])("with prefix %j is %s", async (prefix) => {
    const uploading = upload({
      sources: [{ path: "/a" }],
      destination: { ...destination, prefix },
    });
    if (prefix.endsWith("/")) expect((await uploading).destination.prefix).toBe(prefix);
    else await expect(uploading).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a drop", () => {
  const drop = (prefix: string) =>
    toDropSpec(DropRequest.parse({ destination: { ...destination, prefix }, name: "tree" }));

  it("is what the journal can keep", () => {
    expect(TransferSpec.parse(drop(""))).toEqual({
      kind: "drop",
      name: "tree",
      destination: { ...destination, prefix: "" },
      onConflict: "ask",
    });
  });

  it("of one folder may be packed, and that folder has a name", () => {
    const packed = (name: string) =>
      toDropSpec(DropRequest.parse({ destination, name, archive: "tar.zst" }));
    expect(TransferSpec.parse(packed("tree"))).toMatchObject({ name: "tree", archive: "tar.zst" });
    for (const name of ["a/b", ".", ".."]) {
      expect(() => packed(name)).toThrow(expect.objectContaining({ code: "invalid" }));
    }
  });

  it("goes to a whole prefix or nowhere", () => {
    expect(() => drop("llama")).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});

describe("a download", () => {
  it("is what the journal can keep, into a folder that may be written", async () => {
    const request = { ...place, keys: ["a.gguf", "tree/"], folder: { path: "/down/" } };
    expect(TransferSpec.parse(await download(request))).toEqual({
      kind: "download",
      ...place,
      keys: ["a.gguf", "tree/"],
      folder: "/down",
      rename: null,
      contentsOnly: false,
      readBack: false,
      onConflict: "ask",
      include: [],
      exclude: [],
    });
    expect(asked).toEqual([[{ path: "/down/" }, "write"]]);
  });

  it("takes a key that is named twice once", async () => {
    const request = { ...place, keys: ["a", "b", "a"], folder: { path: "/down" } };
    expect(await download(request)).toMatchObject({ keys: ["a", "b"] });
  });

  it.each([
    [["a"], true],
    [["a", "a"], true],
    [["a", "b"], false],
    [["tree/"], false],
    [[""], false],
  ])("of %j can be given another name: %s", async (keys, answer) => {
    const downloading = download({ ...place, keys, folder: { path: "/down" }, rename: "c" });
    if (answer) expect(await downloading).toMatchObject({ rename: "c" });
    else await expect(downloading).rejects.toMatchObject({ code: "invalid" });
  });

  it("says that it goes through the cache where it does", async () => {
    const request = { ...place, keys: ["a"], folder: { path: "/down" }, cache: true };
    expect(TransferSpec.parse(await download(request))).toMatchObject({ cache: true });
  });

  it("is unpacked only where that is one object, into a folder that may be written", async () => {
    const unpack = { destination: { path: "/down/a" } };
    const request = { ...place, keys: ["a.zip"], folder: { path: "/down" }, unpack };
    const spec = await download(request);
    expect(spec).toMatchObject({ unpack: { destination: "/down/a", method: "auto" } });
    const outside = { ...request, unpack: { destination: { path: "/etc/a" } } };
    await expect(download(outside)).rejects.toMatchObject({ code: "path-denied" });
    // What is in the way of it would be moved beside it.
    const atRoot = { ...request, unpack: { destination: { path: "/root" } } };
    await expect(download(atRoot)).rejects.toMatchObject({ code: "path-denied" });
    for (const keys of [["a.zip", "b.zip"], ["a/"]]) {
      await expect(download({ ...request, keys })).rejects.toMatchObject({ code: "invalid" });
    }
  });

  it("into a folder that may not be written is refused", async () => {
    const request = { ...place, keys: ["a"], folder: { path: "/etc" } };
    await expect(download(request)).rejects.toMatchObject({ code: "path-denied" });
  });
});

describe("a sync", () => {
  const [tree, other] = [{ path: "/models/a" }, { path: "/models/b" }];
  const whole = { destination, contentsOnly: true };
  const down = { ...place, folder: { path: "/data" }, contentsOnly: true };

  it("replaces what differs without asking, whatever the rule was", async () => {
    const sent = await upload({ sources: [tree], ...whole, sync: {} });
    expect(TransferSpec.parse(sent)).toMatchObject({
      onConflict: "replace",
      sync: { deletes: false, byDigest: false, isDryRun: false, allowsEmpty: false },
    });
    const fetched = await download({ keys: ["m/"], ...down, sync: { deletes: true } });
    expect(fetched).toMatchObject({ onConflict: "replace", sync: { deletes: true } });
    expect(await download({ keys: ["m/one"], ...down, sync: {} })).toMatchObject({ sync: {} });
  });

  it.each([
    ["several folders", { sources: [tree, other], ...whole }],
    ["a folder with its name", { sources: [tree], destination }],
    ["what links lead to", { sources: [tree], ...whole, followSymlinks: true }],
    ["another name", { sources: [tree], ...whole, rename: "x" }],
  ])("is none of %s", async (_, request) => {
    const wished = upload({ ...request, sync: {} });
    await expect(wished).rejects.toMatchObject({ code: "invalid" });
  });

  it.each([{ keys: ["m/one"] }, { keys: ["m/", "n/"] }, { keys: ["m/"], contentsOnly: false }])(
    "deletes nothing beside %j, which says nothing of what is missing",
    async (request) => {
      const wished = download({ ...down, ...request, sync: { deletes: true } });
      await expect(wished).rejects.toMatchObject({ code: "invalid" });
    },
  );
});
