import { isRetryable, LonghaulError } from "#shared/errors.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import type { ObjectInfo, Store } from "../stores/store.ts";
import type { Meter, Wire } from "../wire/wire.ts";

export type RangeMeans = {
  readonly store: Store;
  readonly wire: Wire;
  readonly meter: Meter;
  /** A turn at the endpoint. */
  readonly slots: { acquire(signal: AbortSignal): Promise<() => void> };
};

/** A look is worth one more try: whoever looks can ask again. */
const TRIES = 2;

/** Bytes of one version of an object, in memory. @throws as `Store.explainRefusal` and `Wire.receive`. */
export async function readRange(
  object: ObjectInfo,
  range: ByteRange,
  means: RangeMeans,
  signal: AbortSignal,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(object, range, means, signal);
    } catch (error) {
      const mayRetry = error instanceof LonghaulError && isRetryable(error.code);
      if (!mayRetry || attempt === TRIES) throw error;
    }
  }
}

async function readOnce(
  object: ObjectInfo,
  range: ByteRange,
  { store, wire, meter, slots }: RangeMeans,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const giveBack = await slots.acquire(signal);
  try {
    const operation = { kind: "get", object, range } as const;
    const { request, expect } = await store.sign(operation, signal);
    const target = { path: "", ...range };
    const order = { request, expect, target, cuts: [], isHeld: true, meter };
    const received = await wire.receive(order, signal);
    switch (received.outcome) {
      case "whole":
        return received.bytes ?? new Uint8Array();
      case "refused":
        throw store.explainRefusal(operation, received.response);
      case "cut":
        throw received.error;
      case "unasked":
        throw new LonghaulError("unreachable", "the limit on downloads leaves no room for it");
      default:
        return received satisfies never;
    }
  } finally {
    giveBack();
  }
}
