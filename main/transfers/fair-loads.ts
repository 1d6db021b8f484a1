import type { LoadedBody, Wire } from "../wire/wire.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";
import { Semaphore } from "../flow/semaphore.ts";

/** The wire's 128 MiB of buffers hold eight parts of the usual 16 MiB. */
const LARGE_LOADS = 8;
/** Smaller bodies are no burden to the buffers, and wait for nobody. */
const LARGE_FROM_BYTES = MiB;

/**
 * Shares the wire's buffers between the uploads that run, so that the first one's parts do not hold
 * them all while the others stand still.
 */
export class FairLoads {
  readonly #wire: Wire;
  readonly #shares = new Set<Semaphore>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** The wire as one upload may use it; `close` gives its share to the others. */
  open(): { readonly wire: Wire; readonly close: () => void } {
    const share = new Semaphore(LARGE_LOADS);
    this.#shares.add(share);
    this.#divide();
    const close = (): void => {
      this.#shares.delete(share);
      this.#divide();
    };
    return { wire: withShare(this.#wire, share), close };
  }

  #divide(): void {
    const each = Math.max(1, Math.floor(LARGE_LOADS / Math.max(1, this.#shares.size)));
    for (const share of this.#shares) share.setLimit(each);
  }
}

function withShare(wire: Wire, share: Semaphore): Wire {
  const held = new Map<number, () => void>();
  const take = async (
    sizeBytes: number,
    load: () => Promise<LoadedBody>,
    signal: AbortSignal,
  ): Promise<LoadedBody> => {
    if (sizeBytes < LARGE_FROM_BYTES) return await load();
    const giveBack = await share.acquire(signal);
    try {
      const body = await load();
      held.set(body.id, giveBack);
      return body;
    } catch (error) {
      giveBack();
      throw error;
    }
  };
  return {
    load: (order, signal) => take(lengthOf(order.source), () => wire.load(order, signal), signal),
    keep: (bytes, signal) => take(bytes.length, () => wire.keep(bytes, signal), signal),
    release: (body) => {
      wire.release(body);
      held.get(body.id)?.();
      held.delete(body.id);
    },
    send: (order, signal) => wire.send(order, signal),
    receive: (order, signal) => wire.receive(order, signal),
    digest: (order, signal) => wire.digest(order, signal),
    sync: (path, signal) => wire.sync(path, signal),
    closeFile: (path) => wire.closeFile(path),
    setLimits: (limits) => wire.setLimits(limits),
    tune: (tuning) => wire.tune(tuning),
    openMeter: (group) => wire.openMeter(group),
    renew: (addresses) => wire.renew(addresses),
    close: () => wire.close(),
  };
}
