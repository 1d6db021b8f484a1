import type { ErrorInfo } from "#shared/errors.ts";
import type { TransferView } from "#shared/transfer.ts";
import { explainError } from "#shared/error-words.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { isConflict } from "../answers.ts";
import { conflictSentence, unpackAsked } from "../conflict-words.ts";

/** In the order in which it is told. */
export type Trouble = {
  /** `heals`: it goes on by itself. */
  readonly tone: "asks" | "heals";
  readonly what: string;
  readonly why: string;
  /** What Longhaul does now; null: nothing. */
  readonly doing: string | null;
  /** What a person can do, in words; buttons are the transfer's answers. */
  readonly todo: string | null;
  readonly error: ErrorInfo | null;
};

/** Null: nothing is wrong. */
export function troubleOf(view: TransferView): Trouble | null {
  if (isConflict(view)) return conflict(view);
  const { state } = view;
  if (state.phase === "failed") return fromError(view, state.error, "asks");
  if (state.phase === "paused" && state.error) return fromError(view, state.error, "asks");
  if (state.phase === "paused" && state.cause === "crashed") return CRASHED;
  if (state.phase === "running" && state.activity.kind === "stalled" && state.activity.retry) {
    return fromError(view, state.activity.retry.error, "heals");
  }
  return null;
}

const CRASHED: Trouble = {
  tone: "heals",
  what: "Longhaul ended unexpectedly again and again while this ran.",
  why: "This transfer may be the cause, so it rests: the others can move.",
  doing: "Longhaul tries again by itself, and rests longer each time. What was moved is kept.",
  todo: "If it comes back, report it with the log.",
  error: null,
};

function fromError(view: TransferView, error: ErrorInfo, tone: Trouble["tone"]): Trouble {
  const words = explainError(error, { direction: view.direction });
  return {
    tone,
    what: words.what,
    why: words.why,
    doing: words.doing ?? (tone === "heals" ? "Longhaul tries again by itself." : null),
    todo: words.todo,
    error,
  };
}

function conflict(view: TransferView): Trouble {
  const rest = { tone: "asks", todo: null, error: null } as const;
  const { askingItemCount, itemCount, direction } = view;
  if (unpackAsked(view) !== null) {
    return {
      ...rest,
      what: conflictSentence(view),
      why: "An archive is unpacked whole, into a folder that is empty or not there: it is mixed with nothing.",
      doing: "The archive itself is here. Nothing is unpacked before you say so.",
    };
  }
  if (view.archive !== undefined) {
    return {
      ...rest,
      what: conflictSentence(view),
      why: "An archive is made as it is sent, so nobody knows yet whether it would be the same.",
      doing: "Nothing is replaced before you say so.",
    };
  }
  const where = direction === "upload" ? "in the bucket" : "in the folder";
  const differ = askingItemCount === 1 ? "is" : "are";
  const one = askingItemCount === 1 ? "differs" : "differ";
  return {
    ...rest,
    what: `${formatCount(askingItemCount)} of ${formatCount(itemCount)} files ${differ} ${where} already, and ${one}.`,
    why: "Files that are there and identical are done; nothing of them was moved.",
    doing: "The others go on. Nothing is replaced before you say so.",
  };
}
