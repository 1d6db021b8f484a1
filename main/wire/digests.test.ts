import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyStretch, joinCrcs } from "#shared/crc.ts";
import type { CrcStretch } from "#shared/crc.ts";
import { digestMaker } from "./digests.ts";
import type { DigestAlgorithm } from "./wire.ts";

/** What the catalogue of CRCs calls `check`: of the nine digits. */
const CHECKS = [
  ["crc64nvme", "ae8b14860a799888"],
  ["crc32c", "e3069283"],
  ["crc32", "cbf43926"],
] as const;

async function digestOf(algorithm: DigestAlgorithm, ...chunks: readonly Uint8Array[]) {
  const digest = (await digestMaker(algorithm))();
  for (const chunk of chunks) digest.update(Buffer.from(chunk));
  return digest.digest();
}

describe("digests", () => {
  it.each([
    ...CHECKS,
    ["md5", "25f9e794323b453885f5181f1b624d0b"],
    ["sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
  ] as const)("of nine digits are the known ones: %s", async (algorithm, known) => {
    expect(await digestOf(algorithm, Buffer.from("1234"), Buffer.from("56789"))).toBe(known);
  });

  it.each(CHECKS)("%s: one maker makes one after the other", async (algorithm, known) => {
    const make = await digestMaker(algorithm);
    make().update(Buffer.from("left unfinished"));
    const digest = make();
    digest.update(Buffer.from("123456789"));
    expect(digest.digest()).toBe(known);
  });

  it.each(CHECKS)("%s: two makers do not disturb each other", async (algorithm, known) => {
    const [one, other] = [(await digestMaker(algorithm))(), (await digestMaker(algorithm))()];
    one.update(Buffer.from("12345"));
    other.update(Buffer.from("something else"));
    one.update(Buffer.from("6789"));
    expect(one.digest()).toBe(known);
  });

  it.each(CHECKS)("%s of a whole is that of its ranges joined", async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        async (chunks) => {
          let joined: CrcStretch = emptyStretch(algorithm);
          for (const chunk of chunks) {
            const next = { crc: await digestOf(algorithm, chunk), sizeBytes: chunk.length };
            joined = joinCrcs(algorithm, joined, next);
          }
          expect(joined.crc).toBe(await digestOf(algorithm, ...chunks));
        },
      ),
      { numRuns: 30 },
    );
  });
});
