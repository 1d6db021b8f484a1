import { z } from "zod";
import { Cause } from "#shared/transfer.ts";
import { ErrorInfo } from "#shared/errors.ts";

/**
 * One transfer's life, as the journal keeps it. `failed` and `canceled` can end any phase but
 * `done`; a retry leads out of both, back to `queued`.
 *
 *     queued ──▶ running ──▶ verifying ──▶ done
 *       │ ▲         │  ▲          │
 *       ▼ │         ▼  └──────────┘  (more items to move)
 *     paused ◀──────┘
 *
 * What a running transfer is doing at the moment (`Activity`) is a measurement, not a state: it is
 * not journaled and lives in `progress.ts`.
 */
export const TransferState = z.discriminatedUnion("phase", [
  z.strictObject({ phase: z.literal("queued") }),
  z.strictObject({ phase: z.literal("running"), sinceMs: z.number() }),
  z.strictObject({ phase: z.literal("verifying"), sinceMs: z.number() }),
  z.strictObject({
    phase: z.literal("paused"),
    cause: Cause,
    sinceMs: z.number(),
    /** Of a rest that ends by itself; wall clock. */
    untilMs: z.number().optional(),
    error: ErrorInfo.nullable(),
  }),
  z.strictObject({ phase: z.literal("done"), atMs: z.number() }),
  z.strictObject({ phase: z.literal("failed"), atMs: z.number(), error: ErrorInfo }),
  z.strictObject({
    phase: z.literal("canceled"),
    atMs: z.number(),
    /** What was moved is still there, for a later transfer of the same. */
    isKept: z.boolean(),
    /** It was taken off the list while something of it was left; it is listed as unfinished. */
    isCleared: z.boolean().default(false),
  }),
]);
export type TransferState = z.infer<typeof TransferState>;

type Pause = {
  readonly type: "paused";
  readonly cause: Cause;
  readonly error: ErrorInfo | null;
  /** Where it is a matter of time. */
  readonly restMs?: number;
};

export type TransferEvent =
  | { readonly type: "started" }
  | { readonly type: "verifying" }
  | { readonly type: "moving" }
  | Pause
  /** Go on: from a pause, or again after a failure or a cancel that kept its parts. */
  | { readonly type: "queued" }
  /** The process ends, or a slot went to another: what ran waits again. */
  | { readonly type: "yielded" }
  | { readonly type: "finished" }
  | { readonly type: "failed"; readonly error: ErrorInfo }
  /** Also of one that was canceled and kept its parts: they are not wanted any more. */
  | { readonly type: "canceled"; readonly isKept: boolean }
  /** Off the list, though something of it is left. */
  | { readonly type: "cleared" };

/**
 * The next state. Pure: the runner acts on the result, never the other way round.
 * An event that does not apply returns `state` itself; that is normal, not an error.
 */
export function nextState(
  state: TransferState,
  event: TransferEvent,
  wallMs: number,
): TransferState {
  switch (event.type) {
    case "started":
      return state.phase === "queued" ? { phase: "running", sinceMs: wallMs } : state;
    case "verifying":
      return state.phase === "running" ? { phase: "verifying", sinceMs: state.sinceMs } : state;
    case "moving":
      return state.phase === "verifying" ? { phase: "running", sinceMs: state.sinceMs } : state;
    case "paused":
      return isSettled(state) ? state : paused(event, wallMs);
    case "queued":
      return canGoOn(state) ? { phase: "queued" } : state;
    case "yielded":
      return isActive(state) ? { phase: "queued" } : state;
    case "finished":
      return isActive(state) ? { phase: "done", atMs: wallMs } : state;
    case "failed":
      return isSettled(state) ? state : { phase: "failed", atMs: wallMs, error: event.error };
    case "canceled":
      return canceled(state, event.isKept, wallMs);
    case "cleared":
      if (state.phase === "canceled") return { ...state, isCleared: true };
      if (state.phase !== "failed") return state;
      return { phase: "canceled", atMs: wallMs, isKept: true, isCleared: true };
    default:
      return unreachable(event);
  }
}

function paused({ cause, error, restMs }: Pause, wallMs: number): TransferState {
  const until = restMs === undefined ? {} : { untilMs: wallMs + restMs };
  return { phase: "paused", cause, sinceMs: wallMs, ...until, error };
}

function canceled(state: TransferState, isKept: boolean, wallMs: number): TransferState {
  if (state.phase === "done") return state;
  if (state.phase !== "canceled") {
    return { phase: "canceled", atMs: wallMs, isKept, isCleared: false };
  }
  return state.isKept && !isKept ? { ...state, isKept } : state;
}

/** Whether a person sees it among the transfers. */
export function isListed(state: TransferState): boolean {
  return state.phase !== "canceled" || !state.isCleared;
}

/** Settled states change only when a person tries again. */
export function isSettled(state: TransferState): boolean {
  return state.phase === "done" || state.phase === "failed" || state.phase === "canceled";
}

/** Canceled, and nothing of it is to be kept: what it left is removed, sooner or later. */
export function isUnwanted(state: TransferState): boolean {
  return state.phase === "canceled" && !state.isKept;
}

/** A run of it is under way in this process. */
export function isActive(state: TransferState): boolean {
  return state.phase === "running" || state.phase === "verifying";
}

/** A canceled transfer that kept nothing, and a done one, have nothing to go on with. */
function canGoOn(state: TransferState): boolean {
  if (state.phase === "paused" || state.phase === "failed") return true;
  return state.phase === "canceled" && state.isKept;
}

/** Compiles only while every event above is handled. */
function unreachable(event: never): never {
  throw new Error(`unhandled event ${JSON.stringify(event)}`);
}
