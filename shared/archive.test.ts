import { expect, it } from "vitest";
import { withoutArchiveEnding } from "./archive.ts";

it.each([
  ["bert.tar.zst", "bert"],
  ["/data/v1.2.tar.gz", "/data/v1.2"],
  ["B.ZIP", "B"],
  ["weights.bin.gz", "weights.bin"],
  ["a.tgz", "a"],
  ["model.safetensors", null],
  ["tar", null],
  [".zip", null],
  ["/data/.tar.gz", null],
  ["C:\\data\\.zip", null],
])("%s is unpacked into %s", (name, folder) => {
  expect(withoutArchiveEnding(name)).toBe(folder);
});
