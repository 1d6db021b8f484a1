import { createHash, randomBytes } from "node:crypto";
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { BodyFiles } from "./body-files.ts";
import { receiveBody } from "./receive-body.ts";
import { readSpans, sendSpans } from "./send-body.ts";

let folder = "";
let files: BodyFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-bodies-"));
  files = new BodyFiles(folder);
  files.prepare();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function* inChunks(bytes: Buffer, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += sizeBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + sizeBytes));
  }
}

/** Takes everything, and answers only after another turn, as a slow socket does. */
class SlowSink extends Writable {
  readonly chunks: Buffer[] = [];
  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    setImmediate(() => {
      this.chunks.push(Buffer.from(chunk));
      callback();
    });
  }
}

describe("receiveBody", () => {
  it.each([0, 1, 65_536, 3_500_001])("writes and digests %d bytes", async (sizeBytes) => {
    const bytes = randomBytes(sizeBytes);
    const body = await receiveBody(inChunks(bytes, 60_000), files, new Set(["SHA256"] as const));
    await files.publish(body.file);
    expect(readFileSync(files.path(body.file))).toEqual(bytes);
    expect([body.sizeBytes, body.md5, body.digests.get("SHA256")]).toEqual([
      sizeBytes,
      createHash("md5").update(bytes).digest("hex"),
      createHash("sha256").update(bytes).digest(),
    ]);
    expect(readdirSync(join(folder, "staging"))).toEqual([]);
  });

  it("leaves nothing of a source that fails", async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield* inChunks(randomBytes(2_000_000), 100_000);
      throw new Error("cut");
    }
    await expect(receiveBody(failing(), files, new Set())).rejects.toThrow("cut");
    expect(readdirSync(join(folder, "staging"))).toEqual([]);
  });
});

describe("BodyFiles", () => {
  it("empties staging at the next start", async () => {
    const staged = await files.stage();
    await staged.handle.close();
    files.prepare();
    expect(readdirSync(join(folder, "staging"))).toEqual([]);
  });

  it("does not mind removing what is gone", async () => {
    const staged = await files.stage();
    await staged.handle.close();
    await files.publish(staged.id);
    await files.remove([staged.id, staged.id]);
    await files.discard(staged.id);
    expect(readdirSync(join(folder, "data"), { recursive: true })).toHaveLength(256);
  });
});

describe("sendSpans", () => {
  it("sends spans of several files in order, and counts", async () => {
    const first = randomBytes(1_300_000);
    const second = randomBytes(700_000);
    writeFileSync(join(folder, "1"), first);
    writeFileSync(join(folder, "2"), second);
    const sink = new SlowSink();
    let sentBytes = 0;
    const spans = [
      { path: join(folder, "1"), start: 100, end: 1_300_000 },
      { path: join(folder, "2"), start: 0, end: 699_999 },
    ];
    await sendSpans(sink, spans, (bytes) => {
      sentBytes += bytes;
    });
    const expected = Buffer.concat([first.subarray(100), second.subarray(0, 699_999)]);
    expect(Buffer.concat(sink.chunks).equals(expected)).toBe(true);
    expect(sentBytes).toBe(expected.length);
  });

  it("ends with an error when the socket goes while it waits", async () => {
    writeFileSync(join(folder, "1"), randomBytes(2_000_000));
    const stuck = new Writable({ write: () => undefined });
    setImmediate(() => stuck.destroy());
    const spans = [{ path: join(folder, "1"), start: 0, end: 2_000_000 }];
    await expect(sendSpans(stuck, spans, () => undefined)).rejects.toThrow(
      /left|destroyed|closed/i,
    );
  });

  it("does not send a file that is shorter than its span", async () => {
    const path = join(folder, "1");
    writeFileSync(path, randomBytes(1000));
    truncateSync(path, 10);
    const read = async (): Promise<number> => {
      let sizeBytes = 0;
      for await (const bytes of readSpans([{ path, start: 0, end: 1000 }]))
        sizeBytes += bytes.length;
      return sizeBytes;
    };
    await expect(read()).rejects.toThrow(/shorter than the catalog/);
  });
});
