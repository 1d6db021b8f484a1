import { expect, it } from "vitest";
import type { ArtifactRequest } from "./artifact-request.ts";
import { planDownloads } from "./plan-downloads.ts";

const request = (given: Partial<ArtifactRequest>): ArtifactRequest => ({
  kind: "object",
  bucket: "b",
  key: "k",
  profile: null,
  path: "/d/k",
  cache: null,
  unpack: null,
  include: [],
  exclude: [],
  ...given,
});

it("makes one transfer of all that keep their names, in key order, wherever they come from", () => {
  const requests = ["z/1", "a/2", "é", "B/0"].map((key) =>
    request({ key, path: `/d/${key.slice(key.indexOf("/") + 1)}` }),
  );
  const steps = planDownloads(requests);
  expect(steps).toMatchObject([
    {
      bucket: "b",
      keys: ["B/0", "a/2", "z/1", "é"],
      folder: "/d",
      rename: null,
      contentsOnly: false,
    },
  ]);
  expect(steps[0]?.requests.map(({ key }) => key)).toEqual(steps[0]?.keys);
});

it.each([
  ["another bucket", { bucket: "c" }],
  ["another profile", { profile: "p" }],
  ["another folder", { path: "/e/l" }],
  ["the cache", { cache: true }],
  ["another name", { path: "/d/m" }],
  ["an archive to unpack", { unpack: { folder: "/u", method: "auto" } }],
  ["a prefix", { kind: "prefix", key: "l/", path: "/d" }],
] as const)("makes a transfer of its own of %s", (_, given) => {
  expect(planDownloads([request({}), request({ key: "l", path: "/d/l", ...given })])).toHaveLength(
    2,
  );
});

it("names the file where it is another one than the key's, and a prefix's folder itself", () => {
  const steps = planDownloads([
    request({ key: "a/k", path: "/d/other" }),
    request({ kind: "prefix", key: "p/", path: "/d/p", include: ["x"] }),
  ]);
  expect(steps).toMatchObject([
    { keys: ["a/k"], folder: "/d", rename: "other", contentsOnly: false },
    { keys: ["p/"], folder: "/d/p", rename: null, contentsOnly: true, include: ["x"] },
  ]);
});

it("cuts what is more than one transfer takes", () => {
  const requests = Array.from({ length: 10_001 }, (_, n) =>
    request({ key: `${n}`, path: `/d/${n}` }),
  );
  expect(planDownloads(requests).map(({ keys }) => keys.length)).toEqual([10_000, 1]);
});
