import type { Client } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { ItemPhase, ItemView, Place, Rung, TransferView } from "#shared/transfer.ts";
import { formatBytes, formatDuration, formatRate } from "#shared/format.ts";
import { HERE } from "#main/transfers/known-files.ts";
import { exitCodeOf, exitCodeOfItems } from "./exit-code.ts";
import { printItems } from "./item-lines.ts";
import { quoteArgument, showName, showText } from "./quote.ts";
import { describeError, sentencesOf, showError } from "./show-error.ts";
import type { Terminal } from "./terminal.ts";

/** At most this many items are named; the count says how many there are. */
const NAMED = 500;
const NAMED_FOR_REASON = 5;
/** Below it a rate says nothing. */
const RATED_BYTES = 1_000_000;

/** Notes of items, as the engine writes them. */
export const OTHER_CONTENT = "other content is there";
const SAVED_AS = "saved as ";

const PROOF: Readonly<Record<Rung, string>> = {
  "part-sha256": "SHA-256 of every part compared with the origin's",
  "signed-sha256": "sent under SHA-256 that the server checked",
  "full-crc": "CRC of the whole compared with the origin's",
  "md5-etag": "MD5 compared with the origin's ETag",
  size: "only the size could be compared",
};

export type ResultStyle = {
  readonly json: boolean;
  readonly quiet: boolean;
  /** What moved was read back. */
  readonly verify?: boolean;
  /** In place of what is said of a copy that went well; of what was left out it names the rest. */
  readonly words?: {
    readonly sentence: (view: TransferView) => string;
    readonly isExpected: (note: string) => boolean;
  };
};

/** A transfer that is over, and the path or URI of what it made. */
export type CopyResult = {
  readonly view: TransferView;
  readonly target: string;
  /** The target is what holds the items, and no item itself. */
  readonly isFolder: boolean;
};

type Made = Pick<CopyResult, "view" | "target">;

/** Says how a transfer ended: the result on standard output, what went wrong on standard error. Returns its exit code. */
export async function reportResult(
  client: Client,
  result: CopyResult,
  terminal: Terminal,
  style: ResultStyle,
): Promise<number> {
  const { view } = result;
  const target = await savedAs(client, result);
  const skipped = await namedItems(client, view, "skipped");
  const { error, failed, exitCode } = await endOf(client, view);
  if (style.json) {
    await printItems(client, view, terminal);
    terminal.out(resultLine({ view, target }, error, exitCode));
    return exitCode;
  }
  failed.forEach((item) => terminal.err(failureOf(view, item)));
  const isExpected = style.words?.isExpected ?? (() => false);
  // Of a thousand files that are all there one sentence is enough.
  const isSaid = (note: string) => note === HERE && isAllThere(view);
  const told = skipped.filter(({ note }) => note === null || !(isExpected(note) || isSaid(note)));
  if (!style.quiet) nameSkipped(view, told, terminal);
  if (error !== null) {
    // One failed item has said already what the transfer would say again.
    if (failed.length !== 1) showError(error, terminal, false, view);
    if (exitCode !== exitCodeOf("canceled")) terminal.err(keptOf(view));
  } else {
    tellMade({ view, target }, skipped, terminal, style);
  }
  return exitCode;
}

/** What a transfer that is over comes to. */
export type TransferEnd = {
  /** Null: all is done. */
  readonly error: ErrorInfo | null;
  /** The first of them. */
  readonly failed: readonly ItemView[];
  readonly exitCode: number;
};

export async function endOf(client: Client, view: TransferView): Promise<TransferEnd> {
  const failed = await namedItems(client, view, "failed");
  const error = errorOf(view);
  return { error, failed, exitCode: exitCodeFor(error, failed) };
}

function exitCodeFor(error: ErrorInfo | null, failed: readonly ItemView[]): number {
  if (error === null) return 0;
  return exitCodeOfItems(
    error,
    failed.map((item) => item.error),
  );
}

function tellMade(
  result: Made,
  skipped: readonly ItemView[],
  terminal: Terminal,
  { quiet, verify = false, words }: ResultStyle,
): void {
  if (words !== undefined) {
    terminal.out(words.sentence(result.view));
    return;
  }
  const isLeft =
    result.view.doneItemCount === 0 && skipped.some(({ note }) => note === OTHER_CONTENT);
  const { view } = result;
  const readBack = verify && view.doneBytes > view.keptBytes ? ", read back and the same" : "";
  if (!quiet) terminal.out(isLeft ? leftOf(result) : `${sentenceOf(result)}${readBack}`);
  else if (!isLeft) terminal.out(showName(result.target));
}

/** What stands in the way of an end that is not `done`. */
function errorOf({ state }: TransferView): ErrorInfo | null {
  if (state.phase === "done") return null;
  if (state.phase === "failed") return state.error;
  if (state.phase === "paused")
    return state.error ?? { code: "conflict", message: "", details: {} };
  return { code: "canceled", message: "canceled", details: {} };
}

async function namedItems(
  client: Client,
  view: TransferView,
  phase: Extract<ItemPhase, "failed" | "skipped">,
): Promise<readonly ItemView[]> {
  const count = phase === "failed" ? view.failedItemCount : view.skippedItemCount;
  if (count === 0) return [];
  const page = { id: view.id, offset: 0, limit: NAMED, phases: [phase] };
  return (await client.call("transfer.items", page)).items;
}

/** Where the only item really went: beside what was there, perhaps, or under a name that is safe here. */
async function savedAs(client: Client, { view, target, isFolder }: CopyResult): Promise<string> {
  if (isFolder || view.itemCount !== 1 || view.doneItemCount !== 1) return target;
  const page = { id: view.id, offset: 0, limit: 1, phases: ["done" as const] };
  const [item] = (await client.call("transfer.items", page)).items;
  if (!item?.note?.startsWith(SAVED_AS) || !target.endsWith(item.name)) return target;
  return target.slice(0, -item.name.length) + item.note.slice(SAVED_AS.length);
}

function leftOf({ view, target }: Made): string {
  const verb = view.direction === "upload" ? "uploaded" : "downloaded";
  return `nothing ${verb} to ${showName(target)}: other content is there, and is left as it is`;
}

function failureOf(view: TransferView, item: ItemView): string {
  const why = item.error === null ? "failed" : sentencesOf(item.error, view);
  return `${showName(item.name)}: ${why}`;
}

/** Why items were left out, each reason once: of 2,000 files that are there, one line is enough. */
function nameSkipped(view: TransferView, skipped: readonly ItemView[], terminal: Terminal): void {
  const reasons = Map.groupBy(skipped, (item) => item.note ?? "left out");
  const more = view.skippedItemCount > NAMED ? "at least " : "";
  for (const [reason, items] of reasons) {
    const names = items.slice(0, NAMED_FOR_REASON).map((item) => showName(item.name));
    const others = items.length > names.length ? ", …" : "";
    terminal.err(`${more}${items.length} ${showText(reason)}: ${names.join(", ")}${others}`);
  }
}

function keptOf(view: TransferView): string {
  return view.doneBytes === 0
    ? "Nothing was moved."
    : `${bytes(view.doneBytes)} of ${bytes(view.totalBytes)} is kept; the same command goes on from there.`;
}

/** `uploaded tree to s3://b/t/: 12 files, 3.1 GB in 8 s (390 MB/s); sent under SHA-256 that the server checked` */
export function sentenceOf({ view, target }: Made): string {
  const verb = view.direction === "upload" ? "uploaded" : "downloaded";
  if (view.itemCount === 0) {
    return `nothing to ${view.direction} from ${showName(view.name)}: there is no file in it, or --include and --exclude leave none`;
  }
  const movedBytes = view.doneBytes - view.keptBytes;
  const isThere = isAllThere(view);
  const files =
    view.itemCount === 1 ? "" : `${isThere ? view.itemCount : view.doneItemCount} files, `;
  const head = `${verb} ${showName(view.name)} to ${showName(target)}: `;
  const proof = view.rung === null ? "" : `; ${PROOF[view.rung]}`;
  if (isThere) return `${head}${files}already there${proof}`;
  const seconds = Math.max(0.001, view.activeMs / 1000);
  const rate =
    movedBytes < RATED_BYTES ? "" : ` (${formatRate(movedBytes / seconds, "bytes", "decimal")})`;
  const kept = view.keptBytes > 0 ? `, ${bytes(view.keptBytes)} was there` : "";
  return `${head}${files}${bytes(movedBytes)} in ${formatDuration(seconds)}${rate}${kept}${proof}`;
}

/** Every file with a byte in it was there before. */
function isAllThere({ doneBytes, keptBytes, totalBytes }: TransferView): boolean {
  return doneBytes === keptBytes && keptBytes === totalBytes && totalBytes > 0;
}

export function formatPlace(place: Place): string {
  switch (place.kind) {
    case "local":
      return place.path;
    case "s3":
      return `s3://${place.bucket}/${place.key}`;
    case "drop":
      return "a browser page";
    default:
      return place satisfies never;
  }
}

function bytes(sizeBytes: number): string {
  return formatBytes(sizeBytes, "decimal");
}

/** A line for scripts; fields are added to, never changed. */
function resultLine({ view, target }: Made, error: ErrorInfo | null, exitCode: number): string {
  const { id, state, rung, totalBytes, doneBytes, keptBytes } = view;
  const { resumedAtBytes, movedTwiceBytes, activeMs } = view;
  const counts = {
    items: view.itemCount,
    done: view.doneItemCount,
    failed: view.failedItemCount,
    skipped: view.skippedItemCount,
  };
  return JSON.stringify({
    type: "result",
    id,
    phase: state.phase,
    from: formatPlace(view.from),
    to: target,
    totalBytes,
    doneBytes,
    keptBytes,
    resumedAtBytes,
    movedTwiceBytes,
    activeMs,
    rung,
    counts,
    ...(view.sync && { sync: view.sync }),
    error: error === null ? null : describeError(error, view),
    exitCode,
  });
}

/** The command to go on with, as it can be pasted. No flag is ever a secret. */
export function resumeCommand(args: readonly string[]): string {
  return ["longhaul", ...args].map(quoteArgument).join(" ");
}
