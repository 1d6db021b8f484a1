import { createHash } from "node:crypto";

import type { Dispatcher, Pool } from "undici";

import { PART_BYTES } from "./part-source.ts";
import type { SignedOrder } from "./s3-signer.ts";

/** Whether a whole part came and `matches` held for each chunk, given with its offset. */
export async function receiveSame(
  pool: Pool,
  order: SignedOrder,
  matches: (offset: number, bytes: Buffer) => boolean,
): Promise<boolean> {
  let offset = 0;
  let isSame = true;
  await receive(pool, order, (bytes) => {
    isSame &&= matches(offset, bytes);
    offset += bytes.length;
  });
  return isSame && offset === PART_BYTES;
}

/** Hex digest of what came. */
export async function receiveSha256(pool: Pool, order: SignedOrder): Promise<string> {
  const hash = createHash("sha256");
  await receive(pool, order, (bytes) => void hash.update(bytes));
  return hash.digest("hex");
}

/** Undici's lowest interface: no stream, no copy between the socket and `take`. */
function receive(pool: Pool, order: SignedOrder, take: (bytes: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status) => {
        if (status !== 206) throw new Error(`GET was answered with ${status}.`);
      },
      onResponseData: (_controller, bytes) => take(bytes),
      onResponseEnd: () => resolve(),
      onResponseError: (_controller, error) => reject(error),
    };
    pool.dispatch(order, handler);
  });
}
