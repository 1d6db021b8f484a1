import { explainError } from "#shared/error-words.ts";
import { formatBytes, formatRate, formatTimeLeft } from "#shared/format.ts";
import type { Cause, TransferView } from "#shared/transfer.ts";
import { showName, showText } from "./quote.ts";
import type { Terminal } from "./terminal.ts";

/** How often a line says how far it is, where there is no terminal to draw on. */
const PLAIN_INTERVAL_MS = 30_000;
const BAR_COLUMNS = 20;
/** At most so many transfers have a bar, or a line: a screen holds no more. */
const SHOWN = 12;

export type ProgressStyle = "bars" | "plain" | "json" | "none";

/** Shows how far transfers are, on standard error (JSON lines: on standard output). */
export interface Progress {
  show(views: readonly TransferView[]): void;
  /** Takes the bars away, so that something else can be written; `show` brings them back. */
  hide(): void;
}

export function openProgress(
  style: ProgressStyle,
  terminal: Terminal,
  nowMs: () => number,
): Progress {
  switch (style) {
    case "bars":
      return openBars(terminal);
    case "plain":
      return openLines(nowMs, PLAIN_INTERVAL_MS, (views) =>
        mostAlive(views).forEach((view) => terminal.err(summarise(view))),
      );
    case "json":
      return openLines(nowMs, 1000, (views) =>
        views.forEach((view) => terminal.out(toJsonLine(view))),
      );
    case "none":
      return { show: () => {}, hide: () => {} };
    default:
      return style satisfies never;
  }
}

function openBars(terminal: Terminal): Progress {
  let drawnLines = 0;
  const hide = () => {
    if (drawnLines > 0) terminal.draw(`\x1b[${drawnLines}A\x1b[0J`);
    drawnLines = 0;
  };
  return {
    show: (views) => {
      hide();
      const shown = mostAlive(views);
      const lines = shown.map((view) => drawBar(view, terminal.columns()));
      const doneCount = views.filter(({ state }) => state.phase === "done").length;
      if (shown.length < views.length) lines.push(`${doneCount}/${views.length} transfers done`);
      terminal.draw(lines.map((line) => `${line}\n`).join(""));
      drawnLines = lines.length;
    },
    hide,
  };
}

/** All where they are few, in their order; else those that move before those that wait or are over. */
function mostAlive(views: readonly TransferView[]): readonly TransferView[] {
  if (views.length <= SHOWN) return views;
  return views.toSorted((a, b) => LIFE[a.state.phase] - LIFE[b.state.phase]).slice(0, SHOWN);
}

const LIFE: Readonly<Record<TransferView["state"]["phase"], number>> = {
  running: 0,
  verifying: 0,
  paused: 1,
  queued: 2,
  failed: 3,
  canceled: 4,
  done: 5,
};

/** Lines at most every `intervalMs`; the first after that time. */
function openLines(
  nowMs: () => number,
  intervalMs: number,
  write: (views: readonly TransferView[]) => void,
): Progress {
  let lastMs = nowMs();
  return {
    show: (views) => {
      if (nowMs() - lastMs < intervalMs) return;
      lastMs = nowMs();
      write(views);
    },
    hide: () => {},
  };
}

/** `big.bin  [#######-------------]  36 %  360 MB of 1 GB  112 MB/s  6 s left`, never wider than the terminal. */
export function drawBar(view: TransferView, columns: number): string {
  const done = Math.round(fractionOf(view) * BAR_COLUMNS);
  const bar = `[${"#".repeat(done)}${"-".repeat(BAR_COLUMNS - done)}]`;
  const facts = `${bar} ${factsOf(view)}`;
  const room = columns - facts.length - 3;
  if (room < 8) return facts.slice(0, columns - 1);
  return `${fit(showName(view.name), Math.min(room, 30))}  ${facts}`;
}

/** The same without a bar, for logs. */
function summarise(view: TransferView): string {
  return `${showName(view.name)}: ${factsOf(view)}`;
}

function factsOf(view: TransferView): string {
  const about = view.isListing ? "~" : "";
  const amount = `${bytes(view.doneBytes)} of ${about}${bytes(view.totalBytes)}`;
  const items = view.itemCount > 1 ? ` ${view.doneItemCount}/${about}${view.itemCount} files` : "";
  return `${percent(view)} ${amount}${items}${stateOf(view)}`;
}

function stateOf({ state, direction, bytesPerSecond, secondsLeft }: TransferView): string {
  if (state.phase === "verifying") return " checking what arrived";
  if (state.phase === "paused" || state.phase === "queued") {
    return ` ${(state.cause === null ? undefined : RESTS[state.cause]) ?? state.phase}`;
  }
  if (state.phase !== "running") return ` ${state.phase}`;
  const { activity } = state;
  if (activity.kind === "stalled") return stalledOf(activity, direction);
  if (activity.kind === "finalising") {
    return direction === "upload" ? " the store puts it together" : " putting it in its place";
  }
  const rate = ` ${formatRate(bytesPerSecond, "bytes", "decimal")}`;
  return secondsLeft === null ? rate : `${rate} ${formatTimeLeft(secondsLeft)}`;
}

/** Where the phase alone would leave a person guessing. */
const RESTS: Readonly<Partial<Record<Cause, string>>> = {
  schedule: "paused by the schedule",
  limit: "waits for its turn",
  offline: "the network is away",
  crashed: "after a crash, goes on by itself",
};

type Activity = Extract<TransferView["state"], { phase: "running" }>["activity"];

function stalledOf(
  { isOnDisk, retry }: Extract<Activity, { kind: "stalled" }>,
  direction: TransferView["direction"],
): string {
  if (isOnDisk === true) return " the disk does not answer";
  if (retry === null) return " no data";
  const { attempt, atMs, error } = retry;
  const why = showText(explainError(error, { direction }).what.replace(/\.$/, ""));
  if (error.code !== "throttled") return `: ${why}, attempt ${attempt} follows`;
  // It may have asked for minutes: then it is worth knowing until when.
  return `: ${why}, attempt ${attempt} at ${new Date(atMs).toTimeString().slice(0, 8)}`;
}

function percent(view: TransferView): string {
  return `${String(Math.floor(fractionOf(view) * 100)).padStart(3)} %`;
}

function fractionOf({ doneBytes, totalBytes, state }: TransferView): number {
  if (totalBytes === 0) return state.phase === "done" ? 1 : 0;
  return Math.min(1, doneBytes / totalBytes);
}

function bytes(sizeBytes: number): string {
  return formatBytes(sizeBytes, "decimal");
}

/** Cut in the middle: the ends of a name tell it apart. */
function fit(name: string, columns: number): string {
  if (name.length <= columns) return name.padEnd(columns);
  const half = Math.floor((columns - 1) / 2);
  return `${name.slice(0, columns - 1 - half)}…${name.slice(name.length - half)}`;
}

/** The line's fields are a promise to scripts: they are added to, never changed. */
function toJsonLine(view: TransferView): string {
  const { id, state, doneBytes, totalBytes, isListing, bytesPerSecond, secondsLeft } = view;
  const fields = { id, phase: state.phase, doneBytes, totalBytes, isListing };
  const why = whyOf(state);
  return JSON.stringify({ type: "progress", ...fields, bytesPerSecond, secondsLeft, why });
}

/** The cause of a rest, or the code of the error after which it is tried again. */
function whyOf(state: TransferView["state"]): string | null {
  if (state.phase === "paused" || state.phase === "queued") return state.cause;
  if (state.phase !== "running" || state.activity.kind !== "stalled") return null;
  return state.activity.retry?.error.code ?? null;
}
