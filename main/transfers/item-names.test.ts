import { describe, expect, it } from "vitest";
import { aDownloadSpec, anUploadSpec } from "./fixtures.ts";
import { downloadName, keyFor, uploadName } from "./item-names.ts";

describe("uploadName", () => {
  it.each([
    ["a file keeps its name", anUploadSpec(), "/m/a.bin", null, "a.bin"],
    ["a renamed file takes the new one", anUploadSpec({ rename: "b" }), "/m/a.bin", null, "b"],
    ["a folder's files lie under its name", anUploadSpec(), "/m/tree", "x/y", "tree/x/y"],
    ["or right there", anUploadSpec({ contentsOnly: true }), "/m/tree", "x/y", "x/y"],
    ["a byte that is no UTF-8 is shown", anUploadSpec(), "/m/caf\udce9", null, "caf%E9"],
    ["a folder given with a slash has a name too", anUploadSpec(), "/m/tree/", "x", "tree/x"],
  ] as const)("%s", (...[, spec, source, inside, name]) => {
    expect(uploadName(spec, source, inside)).toBe(name);
  });

  it("puts the destination's prefix before the name", () => {
    const spec = anUploadSpec();
    const under = { ...spec, destination: { ...spec.destination, prefix: "runs/7/" } };
    expect(keyFor(under, "tree/x")).toBe("runs/7/tree/x");
  });
});

const IN_FOLDERS = aDownloadSpec({ keptFolders: ["a/t/", "a/t/deep/"] });

describe("downloadName", () => {
  it.each([
    ["an object takes its key's last part", aDownloadSpec(), "a/b.bin", "a/b.bin", "b.bin"],
    ["or another name", aDownloadSpec({ rename: "c" }), "a/b.bin", "a/b.bin", "c"],
    ["a prefix becomes a folder", aDownloadSpec(), "a/t/", "a/t/x/y", "t/x/y"],
    ["or its contents alone", aDownloadSpec({ contentsOnly: true }), "a/t/", "a/t/x", "x"],
    ["a whole bucket is a folder of its name", aDownloadSpec(), "", "a/x", "models/a/x"],
    ["an object keeps a folder around it", IN_FOLDERS, "a/t/x/y", "a/t/x/y", "t/x/y"],
    ["or the deepest", IN_FOLDERS, "a/t/deep/y", "a/t/deep/y", "deep/y"],
    ["or none", IN_FOLDERS, "a/b.bin", "a/b.bin", "b.bin"],
    ["a prefix has its own", IN_FOLDERS, "a/t/x/", "a/t/x/y", "x/y"],
    ["dots are kept, and judged later", aDownloadSpec(), "t/", "t/../x", "t/../x"],
  ] as const)("%s", (...[, spec, asked, key, name]) => {
    expect(downloadName(spec, asked, key)).toBe(name);
  });
});
