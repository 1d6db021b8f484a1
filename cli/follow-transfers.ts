import type { Client } from "#shared/client.ts";
import { orAbort } from "#main/flow/or-abort.ts";
import type { Cause, TransferId, TransferView } from "#shared/transfer.ts";

/** Causes of a pause that end by themselves; every other waits for a person. */
const PASSING: ReadonlySet<Cause> = new Set(["user", "schedule", "limit", "offline", "crashed"]);

/** Settled, or stopped until a person does something: a command line has nothing to wait for. */
export function isOver({ state }: TransferView): boolean {
  switch (state.phase) {
    case "done":
    case "failed":
    case "canceled":
      return true;
    case "paused":
      return state.error !== null || !PASSING.has(state.cause);
    case "queued":
    case "running":
    case "verifying":
      return false;
    default:
      return state satisfies never;
  }
}

export type Follower = {
  /** Called with every change, all followed transfers at once. */
  onViews(views: readonly TransferView[]): void;
  /**
   * Called while some items wait for an answer; awaited before it is called again. False: it gave
   * none, so a transfer that has nothing else to do is over.
   */
  onAsking(view: TransferView): Promise<boolean>;
};

/**
 * Waits until all of these transfers are over; their last views, in the order of `ids`.
 *
 * @throws AbortError as soon as `signal` aborts; the transfers are left as they are.
 */
export async function followTransfers(
  client: Client,
  ids: readonly TransferId[],
  follower: Follower,
  signal: AbortSignal,
): Promise<readonly TransferView[]> {
  const views = new Map<TransferId, TransferView>();
  const changes = openBell(signal);
  const followed = new Set(ids);
  const take = (changed: readonly TransferView[]) => {
    for (const view of changed) if (followed.has(view.id)) views.set(view.id, view);
    changes.ring();
  };
  // An engine of another process may not answer for long.
  const list = async () => await orAbort(client.call("transfer.list", null), signal);
  const stop = client.onEvent((event) => {
    if (event.type === "transfers") take(event.changed);
  });
  try {
    // Events carry what changes from now on; what is already over never changes again.
    take(await list());
    for (;;) {
      const known = ids.flatMap((id) => views.get(id) ?? []);
      follower.onViews(known);
      const asking = known.find((view) => view.askingItemCount > 0);
      if (asking !== undefined && (await follower.onAsking(asking))) {
        // What it was before the answer says nothing any more.
        take(await list());
        continue;
      }
      if (known.length === ids.length && known.every(isOver)) return known;
      await changes.rung();
    }
  } finally {
    stop();
  }
}

/** Wakes one waiter; a ring without a waiter is kept for the next one. */
function openBell(signal: AbortSignal) {
  let wake: (() => void) | null = null;
  let hasRung = false;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    rung: async (): Promise<void> => {
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(new DOMException("stopped", "AbortError"));
        if (signal.aborted) return abort();
        signal.addEventListener("abort", abort, { once: true });
        wake = () => {
          signal.removeEventListener("abort", abort);
          resolve();
        };
        if (hasRung) wake();
      });
      hasRung = false;
      wake = null;
    },
  };
}
