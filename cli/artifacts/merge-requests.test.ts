import { describe, expect, it } from "vitest";
import { mergeRequests } from "./merge-requests.ts";
import { parseRequests } from "./parse-requests.ts";
import { problemLine } from "./problem.ts";

/** Each text is a list of requests, one on each line, of a file of its own: a.yaml, b.yaml. */
async function merge(texts: readonly string[], isCaseFolded = false) {
  const given = [];
  for (const [index, text] of texts.entries()) {
    const lines = text.split("\n").map((line) => `  - { ${line} }`);
    const file = `${"abc"[index]}.yaml`;
    const { requests, problems } = await parseRequests(`requests:\n${lines.join("\n")}`, file, "/");
    expect(problems).toEqual([]);
    given.push(...requests);
  }
  const { requests, problems } = mergeRequests(given, isCaseFolded);
  return { requests, problems: problems.map(problemLine) };
}

const K = "object: s3://b/k";

describe("requests of several files", () => {
  it("are one where they want the same, with what only one of them says", async () => {
    const { requests, problems } = await merge([
      `${K}, destination: /d/k\nprefix: s3://b/p/, destination: /p, include: [a, b]`,
      `${K}, destination: /d/, cache: true\nprefix: s3://b/p/, destination: /p/, include: [b, a]`,
      `${K}, destination: /d/../d/k, unpack: { destination: /u }`,
    ]);
    expect(problems).toEqual([]);
    expect(requests).toMatchObject([
      {
        path: "/d/k",
        cache: true,
        unpack: { folder: "/u", method: "auto" },
        at: { file: "a.yaml" },
      },
      { path: "/p" },
    ]);
  });

  it.each([
    ["the same object in two places", [`${K}, destination: /d/k`, `${K}, destination: /e/k`]],
    [
      "a file in the folder of a prefix",
      ["prefix: s3://b/p/, destination: /d", `${K}, destination: /d/k`],
    ],
    [
      "a prefix in the folder of another",
      ["prefix: s3://b/p/, destination: /d", "prefix: s3://b/q/, destination: /d/q"],
    ],
    [
      "an archive beside where it is unpacked",
      [`${K}, destination: /d/k.zip, unpack: { destination: /d/k }`],
    ],
    [
      "names that begin alike",
      [`${K}, destination: /d/k`, "object: s3://b/l, destination: /d/kk/l"],
    ],
  ])("stay as they are for %s", async (_, texts) => {
    const { requests, problems } = await merge(texts);
    expect([requests.length, problems]).toEqual([texts.join("\n").split("\n").length, []]);
  });
});

const CLASHES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    "one file of two objects",
    [
      `object: s3://b/x, destination: /x\n${K}, destination: /d/k`,
      "object: s3://b/l, destination: /d/k",
    ],
    ["b.yaml:2: requests[0].destination: /d/k is the file of s3://b/k in a.yaml:3"],
  ],
  [
    "one object of two profiles",
    [`${K}, destination: /d/k, profile: x`, `${K}, destination: /d/k, profile: y`],
    ["b.yaml:2: requests[0].destination: /d/k is the file of s3://b/k in a.yaml:2"],
  ],
  [
    "one folder of two prefixes",
    ["prefix: s3://b/p/, destination: /d\nprefix: s3://b/q/, destination: /d/"],
    ["a.yaml:3: requests[1].destination: /d is the folder of s3://b/p/ in a.yaml:2"],
  ],
  [
    "a file in a file, in either order",
    [`object: s3://b/l, destination: /d/k/l\n${K}, destination: /d/k`],
    [
      "a.yaml:2: requests[0].destination: /d/k/l lies in /d/k, which is the file of s3://b/k in a.yaml:3",
    ],
  ],
  [
    "a file where something is unpacked",
    [
      `${K}, destination: /k, unpack: { destination: /u }`,
      "object: s3://b/l, destination: /u/deep/l",
    ],
    [
      "b.yaml:2: requests[0].destination: /u/deep/l lies in /u, which is where s3://b/k is unpacked in a.yaml:2",
    ],
  ],
  [
    "two that unpack into one folder",
    [
      `${K}, destination: /k, unpack: { destination: /u }`,
      "object: s3://b/l, destination: /l, unpack: { destination: /u }",
    ],
    ["b.yaml:2: requests[0].unpack.destination: /u is where s3://b/k is unpacked in a.yaml:2"],
  ],
  [
    "an archive that is unpacked around itself",
    [`${K}, destination: /u/k, unpack: { destination: /u }`],
    [
      "a.yaml:2: requests[0].destination: /u/k lies in /u, which is where s3://b/k is unpacked in a.yaml:2",
    ],
  ],
  [
    "the same request with another cache",
    [`${K}, destination: /d/k, cache: true`, `${K}, destination: /d/k, cache: false`],
    ["b.yaml:2: requests[0].cache: s3://b/k was asked for with another cache in a.yaml:2"],
  ],
  [
    "the same request with another method",
    [
      `${K}, destination: /k, unpack: { destination: /u, method: zip }`,
      `${K}, destination: /k, unpack: { destination: /u }`,
    ],
    ["b.yaml:2: requests[0].unpack: s3://b/k was asked for with another unpack in a.yaml:2"],
  ],
  [
    "the same prefix with other patterns",
    ["prefix: s3://b/p/, destination: /p, include: [a]", "prefix: s3://b/p/, destination: /p"],
    ["b.yaml:2: requests[0].include: s3://b/p/ was asked for with another include in a.yaml:2"],
  ],
];

describe("requests that clash name both lines", () => {
  it.each(CLASHES)("%s", async (_, texts, expected) => {
    expect((await merge(texts)).problems).toEqual(expected);
  });

  it("also where two names are one file for the system alone", async () => {
    const texts = [`${K}, destination: /D/k`, "object: s3://b/l, destination: /d/K"];
    expect((await merge(texts)).problems).toEqual([]);
    expect((await merge(texts, true)).problems).toEqual([
      "b.yaml:2: requests[0].destination: /d/K is the file of s3://b/k in a.yaml:2",
    ]);
  });

  it("at once, however many there are", async () => {
    const lines = Array.from({ length: 1000 }, (_, n) => `object: s3://b/${n}, destination: /same`);
    expect((await merge([lines.join("\n")])).problems).toHaveLength(999);
  });
});
