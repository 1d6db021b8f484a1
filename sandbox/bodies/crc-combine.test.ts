import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createDigester } from "./checksums.ts";
import { combineCrcs } from "./crc-combine.ts";
import type { CrcAlgorithm } from "./crc-combine.ts";

async function crcOf(algorithm: CrcAlgorithm, bytes: Uint8Array): Promise<Buffer> {
  const digester = await createDigester(algorithm);
  digester.update(Buffer.from(bytes));
  return digester.digest();
}

describe("combineCrcs", () => {
  it.each(["CRC32", "CRC32C", "CRC64NVME"] as const)(
    "equals the %s of the whole, however it was cut",
    async (algorithm) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
          async (chunks) => {
            const parts = await Promise.all(
              chunks.map(async (chunk) => ({
                crc: await crcOf(algorithm, chunk),
                sizeBytes: chunk.length,
              })),
            );
            const whole = await crcOf(algorithm, Buffer.concat(chunks));
            expect(combineCrcs(algorithm, parts)).toEqual(whole);
          },
        ),
        { numRuns: 30 },
      );
    },
  );
});
