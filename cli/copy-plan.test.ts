import { expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { planCopy, targetOf } from "./copy-plan.ts";
import type { CopySource } from "./copy-plan.ts";
import { parseAddress } from "./uri.ts";

/** `tree` and what ends in `/` are folders, `gone` is missing, all else on the disk is a file. */
function source(text: string): CopySource {
  const address = parseAddress(text);
  if (address.kind === "s3") return { address };
  if (text === "gone") return { address, found: "missing" };
  return { address, found: /tree|\/$/.test(text) ? "folder" : "file" };
}

/** `dir` is a folder that exists. */
function plan(...texts: string[]) {
  const target = texts.at(-1) ?? "";
  return planCopy(texts.slice(0, -1).map(source), {
    address: parseAddress(target),
    isFolder: target === "dir",
  });
}

const up = { kind: "upload", bucket: "b", rename: null, contentsOnly: false };
const down = { kind: "download", bucket: "b", rename: null, contentsOnly: false };

it.each([
  [["x.bin", "s3://b"], { ...up, paths: ["x.bin"], prefix: "" }],
  [["x.bin", "s3://b/t/"], { ...up, paths: ["x.bin"], prefix: "t/" }],
  [["x.bin", "s3://b/y"], { ...up, paths: ["x.bin"], prefix: "", rename: "y" }],
  [["x.bin", "s3://b/t//y"], { ...up, paths: ["x.bin"], prefix: "t//", rename: "y" }],
  [["tree", "s3://b"], { ...up, paths: ["tree"], prefix: "", contentsOnly: true }],
  [["tree", "s3://b/t/"], { ...up, paths: ["tree"], prefix: "t/", contentsOnly: true }],
  [["tree", "s3://b/t"], { ...up, paths: ["tree"], prefix: "t/", contentsOnly: true }],
  [["tree/", "s3://b/t/"], { ...up, paths: ["tree/"], prefix: "t/", contentsOnly: true }],
  [["x", "tree", "s3://b/t/"], { ...up, paths: ["x", "tree"], prefix: "t/" }],
  [["x", "y", "s3://b"], { ...up, paths: ["x", "y"], prefix: "" }],
  [["s3://b/k", "dir"], { ...down, keys: ["k"], folder: "dir" }],
  [["s3://b/p/k", "new/"], { ...down, keys: ["p/k"], folder: "new/" }],
  [["s3://b/p/k", "."], { ...down, keys: ["p/k"], folder: "." }],
  [["s3://b/p/k", "../.."], { ...down, keys: ["p/k"], folder: "../.." }],
  [["s3://b/p/k", "y"], { ...down, keys: ["p/k"], folder: ".", rename: "y" }],
  [["s3://b/p/k", "/abs/y"], { ...down, keys: ["p/k"], folder: "/abs/", rename: "y" }],
  [["s3://b/p/k", "/y"], { ...down, keys: ["p/k"], folder: "/", rename: "y" }],
  [["s3://b/p/", "new"], { ...down, keys: ["p/"], folder: "new", contentsOnly: true }],
  [["s3://b", "dir"], { ...down, keys: [""], folder: "dir", contentsOnly: true }],
  [["s3://b/k", "s3://b/p/", "new/"], { ...down, keys: ["k", "p/"], folder: "new/" }],
])("plans cp %j", (texts, step) => {
  expect(plan(...texts)).toEqual([step]);
});

it.each([
  [["tree", "s3://b"], { prefix: "", rename: null }, "s3://b/tree.tar.gz"],
  [["tree", "s3://b/t/"], { prefix: "t/", rename: null }, "s3://b/t/tree.tar.gz"],
  [["tree/", "s3://b/t/"], { prefix: "t/", rename: null }, "s3://b/t/tree.tar.gz"],
  [["tree", "s3://b/t/x.tgz"], { prefix: "t/", rename: "x.tgz" }, "s3://b/t/x.tgz"],
] as const)("plans cp --archive %j", ([from, to], expected, target) => {
  const given = { address: parseAddress(to), isFolder: false };
  const [step, ...others] = planCopy([source(from)], given, "tar.gz");
  expect(others).toEqual([]);
  expect(step).toMatchObject({ ...up, paths: [from], archive: "tar.gz", ...expected });
  expect(step && targetOf(step)).toBe(target);
});

it.each([
  [["x.bin"], "s3://b"],
  [["tree", "tree2"], "s3://b/"],
  [["s3://b/k"], "out/"],
  [["gone"], "s3://b/"],
])("packs no archive of %j to %s", (from, to) => {
  const given = { address: parseAddress(to), isFolder: false };
  expect(() => planCopy(from.map(source), given, "tar")).toThrow(LonghaulError);
});

it("makes one transfer for each bucket", () => {
  expect(plan("s3://b/k", "s3://c/k", "s3://b/l", "out/")).toEqual([
    { ...down, keys: ["k", "l"], folder: "out/" },
    { ...down, bucket: "c", keys: ["k"], folder: "out/" },
  ]);
});

it.each([
  [["x", "y", "s3://b/t"], "invalid"],
  [["s3://b/k", "s3://b/l", "dir"], "invalid"],
  [["gone", "s3://b/t"], "path-missing"],
  [["x", "copy"], "unsupported"],
  [["s3://b/k", "s3://c/k"], "unsupported"],
  [["x", "s3://b/k", "s3://c/"], "unsupported"],
])("refuses cp %j", (texts, code) => {
  expect(() => plan(...texts)).toThrow(expect.objectContaining({ code }));
});

it.each([
  [["x.bin", "s3://b"], "s3://b/x.bin"],
  [["/d/x.bin", "s3://b/t/"], "s3://b/t/x.bin"],
  [["x.bin", "s3://b/t/y"], "s3://b/t/y"],
  [["tree", "s3://b/t"], "s3://b/t/"],
  [["x", "y", "s3://b/t/"], "s3://b/t/"],
  [["s3://b/p/k", "/d/y"], "/d/y"],
  [["s3://b/p/k", "/d/"], "/d/k"],
  [["s3://b/p/", "/d"], "/d"],
])("says what cp %j makes", (texts, target) => {
  expect(plan(...texts).map(targetOf)).toEqual([target]);
});
