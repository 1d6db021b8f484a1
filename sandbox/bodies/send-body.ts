import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { Writable } from "node:stream";

import type { Tamper } from "./tamper.ts";
import type { ByteRange } from "../protocol/range.ts";

/** A range of one file. */
export type FileSpan = ByteRange & { readonly path: string };

const BLOCK_BYTES = 512 * 1024;
/** Blocks kept for the next response: two for each of eight connections. */
const KEPT_BLOCKS = 16;
const freeBlocks: Buffer[] = [];

/**
 * Yields the bytes of the spans, in order, in blocks of at most 512 KiB. The two blocks take turns,
 * so a yielded buffer is overwritten two steps later.
 *
 * @throws {Error} when a file ends before its span does.
 */
export async function* readSpans(
  spans: Iterable<FileSpan>,
  blocks: readonly [Buffer, Buffer] = [takeBlock(), takeBlock()],
): AsyncGenerator<Buffer> {
  let [block, other] = blocks;
  for (const span of spans) {
    const handle = await open(span.path, "r");
    try {
      for (let at = span.start; at < span.end;) {
        const bytes = await readBlock(handle, block, { start: at, end: span.end });
        at += bytes.length;
        yield bytes;
        [block, other] = [other, block];
      }
    } finally {
      await handle.close();
    }
  }
}

async function readBlock(handle: FileHandle, block: Buffer, range: ByteRange): Promise<Buffer> {
  const wanted = Math.min(block.length, range.end - range.start);
  const { bytesRead } = await handle.read(block, 0, wanted, range.start);
  if (bytesRead === 0) throw new Error("A body file is shorter than the catalog says.");
  return block.subarray(0, bytesRead);
}

function takeBlock(): Buffer {
  return freeBlocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

/**
 * Sends the spans. One block is on its way to the socket while the next is read.
 *
 * @param onSent Told the count of bytes of each block that the socket took.
 * @param tamper What becomes of each block on its way, in tests.
 */
export async function sendSpans(
  response: Writable,
  spans: Iterable<FileSpan>,
  onSent: (bytes: number) => void,
  tamper?: Tamper,
): Promise<void> {
  const blocks: [Buffer, Buffer] = [takeBlock(), takeBlock()];
  let sent = Promise.resolve();
  for await (const bytes of readSpans(spans, blocks)) {
    await sent;
    const sending =
      tamper === undefined ? write(response, bytes) : sendTampered(response, bytes, tamper);
    sent = sending.then(() => onSent(bytes.length));
    // Its failure is thrown by the next await; until then it must not count as unhandled.
    sent.catch(() => undefined);
  }
  await sent;
  // Only here is it sure that the socket has let go of them; after a failure they are garbage.
  for (const block of blocks) if (freeBlocks.length < KEPT_BLOCKS) freeBlocks.push(block);
}

/** Sends what a fault makes of a block. */
export async function sendTampered(
  response: Writable,
  block: Buffer,
  tamper: Tamper,
): Promise<void> {
  for await (const bytes of tamper(block)) await write(response, bytes);
}

/** Ends with the socket too: a response that lost it may never call back. */
function write(response: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error("The client left."));
    if (response.destroyed) onClose();
    response.once("close", onClose);
    response.write(bytes, (error) => {
      response.off("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
