import { describe, expect, it } from "vitest";
import { parseRequests } from "./parse-requests.ts";
import { problemLine } from "./problem.ts";

const parse = async (text: string) => await parseRequests(text, "a.yaml", "/work");
const problemsOf = async (text: string) => (await parse(text)).problems.map(problemLine);

const EXAMPLE = `defaults: { profile: models, cache: true }
requests:
  - object: s3://m/llama/model.safetensors
    destination: /data/llama/model.safetensors
  - object: s3://m/bert.tar.gz
    destination: data/
    cache: false
    unpack: { destination: data/bert }
  - prefix: s3://public/imagenet/
    profile: datasets
    destination: /data/imagenet
    include: ["*.tar"]
    exclude: ["tmp/**"]
`;

describe("a request file", () => {
  it("says what is wanted, with its defaults, where relative paths start in the working folder", async () => {
    const { requests, problems } = await parse(EXAMPLE);
    expect(problems).toEqual([]);
    const nothing = { unpack: null, include: [], exclude: [] };
    expect(requests.map((request) => ({ ...request, at: undefined }))).toEqual([
      {
        ...nothing,
        kind: "object",
        bucket: "m",
        key: "llama/model.safetensors",
        profile: "models",
        path: "/data/llama/model.safetensors",
        cache: true,
      },
      {
        ...nothing,
        kind: "object",
        bucket: "m",
        key: "bert.tar.gz",
        profile: "models",
        path: "/work/data/bert.tar.gz",
        cache: false,
        unpack: { folder: "/work/data/bert", method: "auto" },
      },
      {
        kind: "prefix",
        bucket: "public",
        key: "imagenet/",
        profile: "datasets",
        path: "/data/imagenet",
        cache: true,
        unpack: null,
        include: ["*.tar"],
        exclude: ["tmp/**"],
      },
    ]);
  });
});

describe("the text of a request file", () => {
  it("is known by the line of every key", async () => {
    const { requests } = await parse(EXAMPLE);
    expect(requests[1]?.at).toEqual({
      file: "a.yaml",
      index: 1,
      line: 5,
      lines: { object: 5, destination: 6, cache: 7, unpack: 8 },
    });
  });

  it("may be JSON, indented as one likes", async () => {
    const value = { requests: [{ prefix: "s3://b/", destination: "x" }] };
    for (const indent of [0, 2, "\t"]) {
      const { requests, problems } = await parse(JSON.stringify(value, null, indent));
      expect([requests.length, problems]).toEqual([1, []]);
    }
  });

  it("keeps keys as they are", async () => {
    const { requests } = await parse(
      'requests: [{ object: "s3://b/a//../%2F \\u00e9?x#y", destination: out }]',
    );
    expect(requests[0]?.key).toBe("a//../%2F é?x#y");
  });

  it("may repeat itself by anchors", async () => {
    const text = `requests:
  - &one { object: s3://b/k, destination: x }
  - *one
`;
    expect((await parse(text)).requests.map(({ at }) => at.line)).toEqual([2, 3]);
  });
});

const WRONG_FILES: readonly (readonly [string, readonly string[]])[] = [
  ["", ["a.yaml:1: there is nothing in it"]],
  ["# nothing\n", ["a.yaml:1: there is nothing in it"]],
  ["[]", ["a.yaml:1: is a list; it has to be a map"]],
  ["requests: []", ["a.yaml:1: requests: has no entry"]],
  ["defaults: {}", ["a.yaml:1: requests: is missing"]],
  ["a: 1\n---\nb: 2", ["a.yaml:2: there is more than one document in it"]],
  ["requests:\n\t- a: 1", ["a.yaml:2: Tabs are not allowed as indentation"]],
  ["requests: 1\nrequests: 2", ["a.yaml:2: Map keys must be unique"]],
  ["x: !secret a", ["a.yaml:1: Unresolved tag: !secret"]],
  [
    "defualts: {}\nrequests: [5]",
    [
      "a.yaml:1: defualts: is no known key; is defaults meant?",
      "a.yaml:2: requests[0]: is no map with an object or a prefix, and a destination",
    ],
  ],
  [
    "defaults: { cach: 1, profile: 7 }\nrequests:\n  - { prefix: s3://b/, destination: x }",
    [
      "a.yaml:1: defaults.profile: is a number; it has to be text, in quotes if need be",
      "a.yaml:1: defaults.cach: is no known key; is cache meant?",
    ],
  ],
];

const WRONG_REQUESTS: readonly (readonly [string, readonly string[]])[] = [
  ["object: s3://b/k", ["requests[0].destination: is missing"]],
  ["destination: d", ["requests[0]: names no object and no prefix"]],
  [
    "objct: s3://b/k\n    destination: d",
    [
      "requests[0]: names no object and no prefix",
      "requests[0].objct: is no known key; is object meant?",
    ],
  ],
  [
    "object: s3://b/k\n    prefix: s3://b/\n    destination: d",
    ["requests[0]: names an object and a prefix; it is one of them"],
  ],
  [
    "object: s3://b/k/\n    destination: d",
    ["requests[0].object: an object is written s3://bucket/key, without a / at its end"],
  ],
  [
    "object: b/k\n    destination: d",
    ["requests[0].object: an object is written s3://bucket/key, without a / at its end"],
  ],
  [
    "prefix: s3://b/p\n    destination: d",
    ["requests[0].prefix: a prefix is written s3://bucket/folder/, with a / at its end"],
  ],
  [
    "prefix: s3://key@b/\n    destination: d",
    ["requests[0].prefix: a prefix is written s3://bucket/folder/, with a / at its end"],
  ],
  [
    "object: s3://b/k\n    destination: ~/d",
    ["requests[0].destination: write the whole path: ~ is not expanded"],
  ],
  ['object: s3://b/k\n    destination: ""', ["requests[0].destination: is empty"]],
  [
    "object: s3://b/a/..\n    destination: d/",
    ["requests[0].destination: the key gives the file no name"],
  ],
  [
    "object: s3://b/k\n    destination: d\n    cache: yes",
    ["requests[0].cache: is text; it has to be true or false"],
  ],
  [
    "object: s3://b/k\n    destination: d\n    include: [a]",
    ["requests[0].include: is for a prefix, not for an object"],
  ],
  [
    "prefix: s3://b/\n    destination: d\n    unpack: { destination: x }",
    ["requests[0].unpack: is for an object, not for a prefix"],
  ],
  [
    "prefix: s3://b/\n    destination: d\n    include: a",
    ["requests[0].include: is text; it has to be a list"],
  ],
  [
    "object: s3://b/k\n    destination: d\n    unpack: { method: rar }",
    [
      "requests[0].unpack.destination: is missing",
      "requests[0].unpack.method: is one of auto, tar, tar.gz, tar.zst, zip, gz, zst",
    ],
  ],
  [
    "object: s3://b/k\n    destination: d\n    unpack: { dest: x, destination: y }",
    ["requests[0].unpack.dest: is no known key; known are destination, method"],
  ],
];

describe("what is wrong with a request file", () => {
  it.each(WRONG_FILES)("in %j is %j", async (text, expected) => {
    expect(await problemsOf(text)).toEqual(expected);
  });

  it.each(WRONG_REQUESTS)("in the request %j is told", async (request, expected) => {
    const found = await problemsOf(`requests:\n  - ${request}\n`);
    expect(found.map((line) => line.replace(/^a\.yaml:\d+: /, ""))).toEqual(expected);
  });

  it("comes all at once, each with its own line", async () => {
    const text = `requests:
  - object: s3://b/k
    destinaton: d
  - prefix: s3://b/fine/
    destination: d
  - prefix: s3://b/p
    destination: ~/x
`;
    expect(await problemsOf(text)).toEqual([
      "a.yaml:2: requests[0].destination: is missing",
      "a.yaml:3: requests[0].destinaton: is no known key; is destination meant?",
      "a.yaml:6: requests[2].prefix: a prefix is written s3://bucket/folder/, with a / at its end",
      "a.yaml:7: requests[2].destination: write the whole path: ~ is not expanded",
    ]);
  });

  it("includes aliases that would become a giant", async () => {
    const levels = Array.from({ length: 12 }, (_, n) =>
      n === 0 ? "a0: &a0 [x, x, x]" : `a${n}: &a${n} [*a${n - 1}, *a${n - 1}, *a${n - 1}]`,
    );
    expect(await problemsOf(levels.join("\n"))).toEqual([
      "a.yaml:1: Excessive alias count indicates a resource exhaustion attack",
    ]);
  });
});
