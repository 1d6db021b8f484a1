import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { KiB } from "../bytes/sizes.ts";
import { PlaceReader, readInto } from "./read-in-place.ts";

/** One step of a reader: takes some bytes of what is there and puts back the rest, then may rest. */
type Step = { readonly takeBytes: number; readonly isResting: boolean };

/** Reads everything as the steps say, over and over, the way the HTTP client does. */
async function readAll(socket: Socket, steps: readonly Step[]): Promise<Buffer> {
  const taken: Buffer[] = [];
  let [index, isResting] = [0, false];
  const readMore = () => {
    for (;;) {
      const chunk: Buffer | null = isResting ? null : socket.read();
      if (chunk === null) return;
      const step = steps[index % steps.length] ?? { takeBytes: Infinity, isResting: false };
      index += 1;
      taken.push(Buffer.from(chunk.subarray(0, step.takeBytes)));
      if (step.takeBytes < chunk.length) socket.unshift(chunk.subarray(step.takeBytes));
      if (step.isResting) rest();
    }
  };
  const rest = () => {
    isResting = true;
    setImmediate(() => {
      isResting = false;
      readMore();
    });
  };
  socket.on("readable", readMore);
  await once(socket, "end");
  return Buffer.concat(taken);
}

it("hands out every byte once and in order, however the reader takes them", async () => {
  const bytes = randomBytes(700 * KiB);
  const server = createServer((socket) => socket.end(bytes)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const anyStep = fc.record({
    takeBytes: fc.integer({ min: 1 * KiB, max: 200 * KiB }),
    isResting: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 5 }), async (steps) => {
      const reader = new PlaceReader();
      const address = server.address();
      const { port } = typeof address === "object" && address ? address : ({} as AddressInfo);
      const socket = connect({ port, host: "127.0.0.1", onread: reader.options });
      reader.attach(socket);
      const read = await readAll(socket, steps);
      expect(read.length).toBe(bytes.length);
      expect(Buffer.compare(read, bytes)).toBe(0);
    }),
    { numRuns: 30 },
  );
  server.close();
});

it("puts bytes where they are wished, or hands them out elsewhere, and loses none between", async () => {
  const bytes = randomBytes(700 * KiB);
  const server = createServer((socket) => socket.end(bytes)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const anyRead = fc.record({ roomBytes: fc.nat(300 * KiB), isResting: fc.boolean() });
  let placedBytes = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyRead, { minLength: 1, maxLength: 7 }), async (reads) => {
      const reader = new PlaceReader();
      const address = server.address();
      const { port } = typeof address === "object" && address ? address : ({} as AddressInfo);
      const socket = connect({ port, host: "127.0.0.1", onread: reader.options });
      reader.attach(socket);
      const target = Buffer.alloc(bytes.length);
      let [filled, index, isResting] = [0, 0, false];
      const next = () => reads[(index += 1) % reads.length] ?? { roomBytes: 0, isResting: false };
      readInto(socket, () =>
        isResting ? null : target.subarray(filled, filled + next().roomBytes),
      );
      const readMore = () => {
        while (!isResting) {
          const chunk: Buffer | null = socket.read();
          if (chunk === null) return;
          const isPlaced = chunk.buffer === target.buffer;
          if (isPlaced) expect(chunk.byteOffset - target.byteOffset).toBe(filled);
          if (isPlaced) placedBytes += chunk.length;
          else chunk.copy(target, filled);
          filled += chunk.length;
          isResting = next().isResting;
          if (!isResting) continue;
          setImmediate(() => {
            isResting = false;
            readMore();
          });
        }
      };
      socket.on("readable", readMore);
      await once(socket, "end");
      expect(filled).toBe(bytes.length);
      expect(Buffer.compare(target, bytes)).toBe(0);
    }),
    { numRuns: 30 },
  );
  expect(placedBytes).toBeGreaterThan(0);
  server.close();
});
