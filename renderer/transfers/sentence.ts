import type { Pace } from "#shared/settings.ts";
import type { Cause, Rung, TransferStateView, TransferView } from "#shared/transfer.ts";
import { explainError } from "#shared/error-words.ts";
import { formatDuration } from "#shared/format.ts";
import type { Formats } from "../common/use-formats.ts";
import { formatCount, percentOf } from "../common/byte-figures.ts";
import { clockText } from "../common/clock-text.ts";
import { conflictSentence } from "./conflict-words.ts";
import { remoteOf } from "./place-text.ts";
import { isEndpointAway } from "./shared-trouble.ts";
import { paceWords, timeLeftText } from "./time-left.ts";

/** What a sentence needs beside the transfer. */
export type SentenceContext = {
  /** Wall clock, milliseconds. */
  readonly nowMs: number;
  readonly formats: Formats;
  readonly slots: SlotUse;
  /** When the week lets go what it holds back; null or left out where it never does. */
  readonly goesOnAtMs?: number | null;
  /** What holds after that; left out where nothing changes. */
  readonly next?: Pace["next"];
  /** Somebody put a mode in the week's place; left out where nobody did. */
  readonly isOverride?: boolean;
};

/** Of the transfer's own direction. */
export type SlotUse = { readonly inUse: number; readonly max: number; readonly isNext: boolean };

type State<P extends TransferStateView["phase"]> = Extract<TransferStateView, { phase: P }>;

/** Why it is as it is, in one sentence or two: what is the case first, then what happens next. */
export function sentenceOf(view: TransferView, context: SentenceContext): string {
  const { state } = view;
  if (view.askingItemCount > 0 && !isSettled(state)) return conflictSentence(view);
  switch (state.phase) {
    case "queued":
      return queuedSentence(view, state, context);
    case "running":
      return runningSentence(view, state, context);
    case "paused":
      return pausedSentence(view, state, context);
    case "verifying":
      return verifyingSentence(view, state);
    case "done":
      return doneSentence(view, state.atMs, context);
    case "failed": {
      const words = explainError(state.error, { direction: view.direction });
      return `${words.what} ${words.why}`;
    }
    case "canceled":
      return `Canceled at ${clockText(state.atMs, context.nowMs)}.`;
    default:
      return state satisfies never;
  }
}

/** Of one among several: why stands in the bar above the list, once for all. */
export function waitsForSignIn(view: TransferView): string {
  return `Waits for the sign-in to ${endpointOf(view)}.`;
}

function isSettled(state: TransferStateView): boolean {
  return state.phase === "done" || state.phase === "failed" || state.phase === "canceled";
}

function queuedSentence(
  view: TransferView,
  state: State<"queued">,
  context: SentenceContext,
): string {
  const { slots } = context;
  if (state.cause === "schedule") return paceSentence(context);
  if (state.cause !== null && state.cause !== "limit") return causeSentence(state.cause, view);
  const first = slots.isNext ? "Next. " : "";
  const way = view.direction === "upload" ? "an upload" : "a download";
  if (slots.inUse < slots.max) return `${first}Starts in a moment.`;
  return `${first}Waits for ${way} slot, ${slots.inUse} of ${slots.max} in use.`;
}

/** Before the first byte moves: whether the same is there already. After the last: whether it arrived. */
function verifyingSentence(view: TransferView, { doneBytes }: State<"verifying">): string {
  const { direction, totalBytes } = view;
  const share = `${percentOf(doneBytes, totalBytes) ?? 0} % read`;
  if (view.doneBytes < totalBytes) return `Comparing with what is there already, ${share}.`;
  const where = direction === "upload" ? "there" : "here";
  return `All bytes are ${where}. Verifying, ${share} back.`;
}

function paceSentence({ goesOnAtMs, next, isOverride, nowMs }: SentenceContext): string {
  const by = `Paused by ${isOverride === true ? "you" : "the schedule"}`;
  if (goesOnAtMs === undefined || goesOnAtMs === null) return `${by}.`;
  const until = clockText(goesOnAtMs, nowMs);
  if (next === "paused") return `${by} until ${until}, then by the schedule.`;
  return `${by}, goes on at ${until}.`;
}

function runningSentence(
  view: TransferView,
  { activity }: State<"running">,
  { nowMs, goesOnAtMs = null, next = null }: SentenceContext,
): string {
  switch (activity.kind) {
    case "preparing":
      return preparingSentence(view);
    case "moving":
      if (waitsForConnection(view)) return "Waits for a free connection.";
      return view.isListing
        ? `${formatCount(view.itemCount)} files found so far, still looking.`
        : timeLeftText(view.secondsLeft, nowMs) +
            paceWords(view.secondsLeft, nowMs, { untilMs: goesOnAtMs, next });
    case "finalising":
      return finalisingSentence(view);
    case "awaiting-drop":
      return awaitingSentence(activity);
    case "stalled":
      return stalledSentence(view, activity, nowMs);
    default:
      return activity satisfies never;
  }
}

type Awaiting = Extract<State<"running">["activity"], { kind: "awaiting-drop" }>;

function awaitingSentence({ arrived }: Awaiting): string {
  if (arrived === undefined)
    return "All that has arrived is sent. Waits for the rest from the page.";
  const files = arrived.of === 1 ? "file has" : "files have";
  const count = `${formatCount(arrived.count)} of ${formatCount(arrived.of)}`;
  return `${count} ${files} arrived from the page. Packed and sent when all are here.`;
}

function finalisingSentence({ direction, unpack }: TransferView): string {
  if (direction === "upload")
    return "All bytes are there. The store is putting the object together.";
  return unpack === undefined
    ? "All bytes are here. Putting the file in its place."
    : "All bytes are here. Putting the archive in its place, and unpacking it.";
}

/** Others of the profile hold them all; one that got none is not stalled. */
function waitsForConnection({ isListing, ...view }: TransferView): boolean {
  const isAtRest = view.bytesPerSecond === 0 && view.secondsLeft === null;
  return isAtRest && !isListing && view.inFlightBytes === 0 && view.doneBytes < view.totalBytes;
}

function preparingSentence(view: TransferView): string {
  const found = view.itemCount > 1 ? `, ${formatCount(view.itemCount)} files so far` : "";
  if (!view.isListing) return "Looking at what is there already.";
  const where = view.direction === "upload" ? "Looking through the folder" : "Listing the bucket";
  return `${where}${found}.`;
}

type Stalled = Extract<State<"running">["activity"], { kind: "stalled" }>;

function stalledSentence(
  view: TransferView,
  { sinceMs, isOnDisk, retry }: Stalled,
  nowMs: number,
): string {
  const silentFor = secondsBetween(sinceMs, nowMs);
  if (isOnDisk === true)
    return `${diskOf(view)} has taken nothing for ${silentFor} s. Goes on when it does.`;
  if (retry === null) {
    return view.direction === "upload"
      ? `Nothing has gone to ${endpointOf(view)} for ${silentFor} s.`
      : `No data for ${silentFor} s from ${endpointOf(view)}.`;
  }
  const inSeconds = secondsBetween(nowMs, retry.atMs);
  const when = inSeconds > 0 ? `in ${inSeconds} s` : "now";
  const cause = explainError(retry.error, { direction: view.direction }).what;
  // No part's own trouble, and no number of it changes what a person does.
  if (isEndpointAway(retry.error)) return `${cause} Tries again ${when}.`;
  const part = retry.part === null ? "" : ` part ${formatCount(retry.part)}`;
  return `${cause} Retrying${part} ${when}, attempt ${retry.attempt}.`;
}

function diskOf({ to }: TransferView): string {
  return to.kind === "local" ? `The disk of ${to.path}` : "The disk";
}

function endpointOf(view: TransferView): string {
  return remoteOf(view)?.profileName ?? "the bucket";
}

/** Whole seconds, never negative. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.round((toMs - fromMs) / 1000));
}

function pausedSentence(
  view: TransferView,
  state: State<"paused">,
  { nowMs }: SentenceContext,
): string {
  if (state.cause === "crashed") return crashedSentence(state, nowMs);
  if (state.cause === "user") return `Paused by you at ${clockText(state.sinceMs, nowMs)}.`;
  if (state.error) {
    const words = explainError(state.error, { direction: view.direction });
    const said = words.doing === undefined ? words.what : `${words.what} ${words.doing}`;
    return GOES_ON[state.cause] === undefined ? said : `${said} ${GOES_ON[state.cause]}`;
  }
  return causeSentence(state.cause, view);
}

function crashedSentence({ untilMs }: State<"paused">, nowMs: number): string {
  const isComing = untilMs !== undefined && untilMs > nowMs;
  const when = isComing ? `at ${clockText(untilMs, nowMs)}` : "by itself";
  return `Longhaul ended unexpectedly again and again while this ran. Tries once more ${when}.`;
}

/** Nobody has to come: what is said of pauses that end by themselves. */
const GOES_ON: Readonly<Partial<Record<Cause, string>>> = {
  disk: "Goes on by itself.",
  "folder-missing": "Goes on by itself.",
};

function causeSentence(cause: Cause, view: TransferView): string {
  const profile = remoteOf(view)?.profileName ?? "the profile";
  const words: Readonly<Record<Cause, string>> = {
    user: "Paused by you.",
    schedule: "Paused by the schedule.",
    limit: "Waits for a slot.",
    offline: "The network is away. Goes on by itself when it is back.",
    disk: "Not enough space. What has arrived is kept. Goes on by itself.",
    credentials: `${profile} needs its keys. Goes on once they are there.`,
    conflict: conflictSentence(view),
    "source-changed": "The file changed while it was sent.",
    "object-changed": "The object changed in the bucket while it was fetched.",
    "upload-gone": "The store has deleted the unfinished upload.",
    "folder-missing": "The folder is away. Goes on by itself once it is back.",
    crashed: "Longhaul ended unexpectedly again and again while this ran.",
    drop: "The page that held the files was closed. Drop them again to continue.",
  };
  return words[cause];
}

const PROOF: Readonly<Record<Rung, string>> = {
  "part-sha256": ", every part proven",
  "signed-sha256": ", every part checked on receipt",
  "full-crc": ", equal by CRC",
  "md5-etag": ", equal by MD5",
  size: ", compared by size only",
};

function doneSentence(
  view: TransferView,
  atMs: number,
  { nowMs, formats }: SentenceContext,
): string {
  const at = `Done at ${clockText(atMs, nowMs)}`;
  const proof = view.rung === null ? "" : PROOF[view.rung];
  const unpacked = view.unpack?.came?.note;
  if (unpacked !== undefined) {
    return `${at}${proof}. ${unpacked.charAt(0).toUpperCase()}${unpacked.slice(1)}.`;
  }
  if (view.totalBytes > 0 && view.keptBytes >= view.totalBytes) {
    const there = view.direction === "upload" ? "there" : "here";
    if (view.otherItemCount !== undefined) return `${at}. 0 B moved.${leftOut(view)}`;
    return `${at}. Everything was ${there} already, 0 B moved.`;
  }
  return `${at}${proof}. ${howItWent(view, formats)}${leftOut(view)}`;
}

function howItWent(view: TransferView, formats: Formats): string {
  if (view.resumedAtBytes !== null) {
    const share = percentOf(view.resumedAtBytes, view.totalBytes) ?? 0;
    return `Resumed at ${share} %, ${formats.bytes(view.movedTwiceBytes)} moved twice.`;
  }
  const movedBytes = view.totalBytes - view.keptBytes;
  if (view.activeMs < 1000) return `Took ${formatDuration(view.activeMs / 1000)}.`;
  return `Took ${formatDuration(view.activeMs / 1000)}, ${formats.rate(movedBytes / (view.activeMs / 1000))} on average.`;
}

function leftOut({ skippedItemCount, otherItemCount = 0 }: TransferView): string {
  if (skippedItemCount === 0) return "";
  const some = otherItemCount < skippedItemCount ? `${formatCount(otherItemCount)} of them ` : "";
  const why = otherItemCount === 0 ? "" : `, ${some}because something else has the name`;
  return ` ${formatCount(skippedItemCount)} left out${why}.`;
}
