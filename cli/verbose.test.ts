import { expect, it } from "vitest";
import { takeVerbose } from "./verbose.ts";

it.each<[args: string[], isVerbose: boolean, rest: string[]]>([
  [["cp", "a", "s3://b/"], false, ["cp", "a", "s3://b/"]],
  [["-v", "cp", "a", "s3://b/"], true, ["cp", "a", "s3://b/"]],
  [["cp", "--verbose", "a", "-v"], true, ["cp", "a"]],
  [["cp", "--", "-v", "s3://b/"], false, ["cp", "--", "-v", "s3://b/"]],
])("%j is verbose: %j", (args, isVerbose, rest) => {
  expect(takeVerbose(args)).toEqual({ isVerbose, rest });
});
