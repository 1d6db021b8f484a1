import { createHash } from "node:crypto";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { answering, content, never, receiveOrder, Rig, serveRanges } from "./fixtures.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.start({ workers: 2 });
});
afterEach(() => rig.end());

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("a body that is sent", () => {
  it.each([0, 1, 1000, MiB - 1, MiB, MiB + 1, 5 * MiB + 17])(
    "arrives byte for byte with its length, %i bytes",
    async (sizeBytes) => {
      const bytes = content(sizeBytes);
      const received: { body: Buffer; length: string | undefined }[] = [];
      const origin = await rig.serve(
        answering(200, (body, request) => {
          received.push({ body, length: request.headers["content-length"] });
        }),
      );
      const path = await rig.file("source", Buffer.concat([Buffer.alloc(7), bytes]));
      const source = { path, start: 7, end: 7 + sizeBytes };
      const body = await rig.wire.load({ source }, never);
      expect(body.sha256).toBe(digestOf(bytes));
      const meter = rig.wire.openMeter();
      const request = { method: "PUT", url: `${origin}/b/k?partNumber=1`, headers: {} } as const;
      const response = await rig.wire.send({ body, request, meter }, never);
      rig.wire.release(body);
      expect(response.status).toBe(200);
      expect(response.headers["etag"]).toBe('"abc"');
      expect(received[0]?.length).toBe(String(sizeBytes));
      expect(received[0]?.body.equals(bytes)).toBe(true);
      expect(meter.movedBytes()).toBe(sizeBytes);
    },
  );
});

describe("a body that is received", () => {
  it.each([1, 1000, MiB - 1, MiB, MiB + 1, 5 * MiB + 17])(
    "lies at its place with its digests, %i bytes",
    async (sizeBytes) => {
      const object = content(sizeBytes + 100);
      const origin = await rig.serve(serveRanges(object));
      const path = join(rig.folder, "target");
      await writeFile(path, "");
      await truncate(path, object.length);
      const [start, end] = [50, 50 + sizeBytes];
      const middle = start + Math.floor(sizeBytes / 3);
      const order = receiveOrder(rig.wire, `${origin}/k`, path, {
        start,
        end,
        cuts: [middle, end],
      });
      const received = await rig.wire.receive(order, never);
      await rig.wire.sync(path, never);
      await rig.wire.closeFile(path);
      expect(received).toMatchObject({
        outcome: "whole",
        digests: [digestOf(object.subarray(start, middle)), digestOf(object.subarray(middle, end))],
        headers: { etag: '"v1"' },
      });
      const written = await readFile(path);
      expect(written.subarray(start, end).equals(object.subarray(start, end))).toBe(true);
      expect(written.subarray(0, start).every((byte) => byte === 0)).toBe(true);
      expect(written.subarray(end).every((byte) => byte === 0)).toBe(true);
      expect(order.meter.movedBytes()).toBe(sizeBytes);
    },
  );
});
