import { expect, it } from "vitest";
import { toFsPath } from "#main/disk/local-path.ts";
import { rawArguments } from "./raw-arguments.ts";

const nothing = () => {
  throw new Error("there is no need to ask");
};

function line(...words: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(words.flatMap((word) => [Buffer.from(word), Buffer.of(0)]));
}

it("asks nobody while every argument is UTF-8", () => {
  expect(rawArguments(["cp", "é", ""], nothing)).toEqual(["cp", "é", ""]);
});

it("gives the bytes of a name that is no UTF-8, and every other word as it was", () => {
  const odd = Buffer.from("caf\u00E9", "latin1");
  const args = ["cp", odd.toString(), "", "s3://b/é"];
  const given = rawArguments(args, () =>
    line("node", "--flag", "main.ts", "cp", odd, "", "s3://b/é"),
  );
  expect(given).toEqual(["cp", "caf\udce9", "", "s3://b/é"]);
  expect(Buffer.from(toFsPath(given[1] ?? "")).equals(odd)).toBe(true);
});

it("leaves what was meant to be a replacement character", () => {
  expect(rawArguments(["cp", "a\uFFFD"], () => line("node", "cp", "a\uFFFD"))).toEqual([
    "cp",
    "a\uFFFD",
  ]);
});

it.each([
  ["the system does not tell", null],
  ["the words are others", line("node", "mv", "x")],
  ["there are too few", line("x")],
])("keeps what Node gives where %s", (_why, found) => {
  expect(rawArguments(["cp", "a\uFFFD"], () => found)).toEqual(["cp", "a\uFFFD"]);
});
