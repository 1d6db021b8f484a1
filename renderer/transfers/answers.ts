import type { Cause, ConflictAnswer, TransferView } from "#shared/transfer.ts";
import type { ProfileId } from "#shared/profile.ts";
import { formatCount } from "../common/byte-figures.ts";
import { unpackAsked } from "./conflict-words.ts";
import { remoteOf } from "./place-text.ts";

/** One way out of what a transfer asks. */
export type Answer = {
  readonly label: string;
  /** What comes of it, in one line; the details panel has room for it. */
  readonly consequence: string;
  readonly isPrimary: boolean;
  readonly act: AnswerAct;
};
export type AnswerAct =
  | { readonly kind: "conflict"; readonly answer: ConflictAnswer }
  | { readonly kind: "profile"; readonly profileId: ProfileId }
  | { readonly kind: "folders" }
  | { readonly kind: "resume" }
  | { readonly kind: "retry" }
  | { readonly kind: "cancel" };

const CANCEL: Answer = {
  label: "Cancel…",
  consequence: "You choose whether what was moved is kept.",
  isPrimary: false,
  act: { kind: "cancel" },
};

/** In the order they are offered. Empty: it asks nothing. */
export function answersTo(view: TransferView): readonly Answer[] {
  if (isConflict(view)) return conflictAnswers(view);
  const { state } = view;
  if (state.phase === "failed") return [resume("Try again", "What is done stays done.", "retry")];
  if (state.phase === "running" && state.activity.kind === "stalled" && state.activity.retry) {
    return [resume("Retry now", "Without waiting for the next try.")];
  }
  if (state.phase !== "paused" && state.phase !== "queued") return [];
  return answersToCause(view, state.cause);
}

function answersToCause(view: TransferView, cause: Cause | null): readonly Answer[] {
  switch (cause) {
    case "credentials":
      return [
        ...profileAnswer(view),
        { ...resume("Try again", "What was moved is kept."), isPrimary: false },
      ];
    case "disk":
      return [
        resume("Try again", "Without waiting. What was moved is kept."),
        {
          label: "Storage",
          consequence: "Where new downloads go, and what is kept.",
          isPrimary: false,
          act: { kind: "folders" },
        },
        CANCEL,
      ];
    case "source-changed":
      return [
        resume("Send what is there now", "Parts that are the same are not sent again."),
        CANCEL,
      ];
    case "object-changed":
      return [
        resume("Get what is there now", "It begins anew, with the object's new version."),
        CANCEL,
      ];
    case "upload-gone":
      return [resume("Send it again", "The store has thrown the sent parts away."), CANCEL];
    case "folder-missing":
      return [resume("Try again", "Without waiting. What was moved is kept."), CANCEL];
    case "crashed":
      return [resume("Try now", "Without waiting. What was moved is kept.")];
    case "drop":
      // Only the person has the files: the sentence says to drop them again.
      return [CANCEL];
    case "user":
    case "schedule":
    case "limit":
    case "offline":
    case "conflict":
    case null:
      return [];
    default:
      return cause satisfies never;
  }
}

export function isConflict({ askingItemCount, state }: TransferView): boolean {
  const isOpen = state.phase !== "done" && state.phase !== "failed" && state.phase !== "canceled";
  return isOpen && askingItemCount > 0;
}

function conflictAnswers(view: TransferView): readonly Answer[] {
  if (unpackAsked(view) !== null) return UNPACK_ANSWERS;
  const { direction, itemCount } = view;
  const isUpload = direction === "upload";
  const there = isUpload ? "The bucket's" : "The folder's";
  const one = itemCount === 1;
  return [
    {
      label: "Replace",
      consequence: `${there} content goes, yours takes its place.`,
      isPrimary: false,
      act: { kind: "conflict", answer: "replace" },
    },
    {
      label: "Keep both",
      consequence: one
        ? "The new one gets a number in its name."
        : "The new ones get a number in their names.",
      isPrimary: false,
      act: { kind: "conflict", answer: "keep-both" },
    },
    {
      label: "Skip",
      consequence: `${isUpload ? "The bucket" : "The folder"} stays as it is.`,
      isPrimary: false,
      act: { kind: "conflict", answer: "skip" },
    },
  ];
}

/** Nothing is ever deleted for them. */
const UNPACK_ANSWERS: readonly Answer[] = [
  {
    label: "Replace, keep the old aside",
    consequence: "The folder that is there gets another name, and a new one takes its place.",
    isPrimary: false,
    act: { kind: "conflict", answer: "replace" },
  },
  {
    label: "Keep both",
    consequence: "It is unpacked into a folder beside, with a number in its name.",
    isPrimary: false,
    act: { kind: "conflict", answer: "keep-both" },
  },
  {
    label: "Skip unpacking",
    consequence: "The archive is here, and the folder stays as it is.",
    isPrimary: false,
    act: { kind: "conflict", answer: "skip" },
  },
];

/** The words of the tick box beside the answers; null where one file is all there is. */
export function forAllText({ askingItemCount, itemCount, isListing }: TransferView): string | null {
  const later = itemCount - askingItemCount;
  if (itemCount === 1 && !isListing) return null;
  return later > 0 || isListing
    ? "Same for all that come later"
    : `Same for all ${formatCount(itemCount)}`;
}

function profileAnswer(view: TransferView): readonly Answer[] {
  const remote = remoteOf(view);
  if (!remote) return [];
  return [
    {
      label: `Open ${remote.profileName}`,
      consequence: "Its keys, and a test that says what is wrong.",
      isPrimary: true,
      act: { kind: "profile", profileId: remote.profileId },
    },
  ];
}

function resume(label: string, consequence: string, kind: "resume" | "retry" = "resume"): Answer {
  return { label, consequence, isPrimary: true, act: { kind } };
}
