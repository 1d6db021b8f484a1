import { expect, it } from "vitest";
import { isOnnx, isPyTorch } from "./first-bytes.ts";

it.each([
  ["a version and its producer", [0x08, 0x08, 0x12, 0x07], true],
  ["a version and the graph", [0x08, 0x0a, 0x3a, 0xff], true],
  ["no version", [0x08, 0x00, 0x12], false],
  ["a pointer of Git LFS", [...Buffer.from("version https")], false],
  ["nothing", [], false],
])("an ONNX file begins with its version: %s", (_name, bytes, isIt) => {
  expect(isOnnx(Uint8Array.from(bytes))).toBe(isIt);
});

it.each([
  ["a zip archive", [0x50, 0x4b, 0x03, 0x04], true],
  ["a pickle of protocol 2", [0x80, 0x02, 0x8a], true],
  ["a pickle of a protocol that is none", [0x80, 0x09], false],
  ["text", [...Buffer.from("version")], false],
  ["nothing", [], false],
])("weights of PyTorch are a zip or a pickle: %s", (_name, bytes, isIt) => {
  expect(isPyTorch(Uint8Array.from(bytes))).toBe(isIt);
});
