import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { CutDigests } from "./cut-digests.ts";
import { sha256 } from "./digests.ts";

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

it("digests each piece by itself, however the bytes arrive", () => {
  const anyCase = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    start: fc.nat(1000),
    cuts: fc.array(fc.nat(300), { maxLength: 6 }),
    chunkBytes: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(anyCase, ({ bytes, start, cuts, chunkBytes }) => {
      const within = [...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted(
        (a, b) => a - b,
      );
      const digests = new CutDigests(
        start,
        within.map((cut) => start + cut),
        sha256,
      );
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        digests.update(Buffer.from(bytes.subarray(at, at + chunkBytes)));
      }
      const pieces = within.map((cut, index) => bytes.subarray(within[index - 1] ?? 0, cut));
      expect(digests.done).toEqual(pieces.map(digestOf));
    }),
  );
});

it("digests nothing without cuts, and nothing after the last", () => {
  const none = new CutDigests(0, [], sha256);
  none.update(Buffer.from("abc"));
  expect(none.done).toEqual([]);
  const early = new CutDigests(10, [12], sha256);
  early.update(Buffer.from("abcdef"));
  expect(early.done).toEqual([digestOf(Buffer.from("ab"))]);
});
