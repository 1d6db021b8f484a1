import type { Client } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { ItemPhase, ItemView, TransferView } from "#shared/transfer.ts";
import { lastName } from "#main/transfers/transfer-spec.ts";
import type { CopyResult } from "../copy-result.ts";
import { endOf, OTHER_CONTENT, reportResult } from "../copy-result.ts";
import { targetOf } from "../copy-plan.ts";
import { exitCodeOf } from "../exit-code.ts";
import { printItems } from "../item-lines.ts";
import type { Terminal } from "../terminal.ts";
import type { ObjectEnd } from "./fetch-lines.ts";
import { objectLine, prefixLine, summaryLine } from "./fetch-lines.ts";
import type { FetchStep } from "./plan-downloads.ts";

/** As many as one call gives. */
const PAGE_ITEMS = 500;

/** Notes of items that were skipped because there is nothing to do, as the engine writes them. */
const IN_PLACE = ["already here", "a folder"];

/** As the engine says what became of an archive. */
const UNPACK_WORDS = /^(?:unpacked|in place in|not unpacked)/u;
/** In the note of an item, as the engine writes it. */
const NOT_UNPACKED = "not unpacked";

export type FetchStyle = {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verify: boolean;
};

type Means = {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly style: FetchStyle;
};

/**
 * Says of every request how it ended, and of all of them together. Returns the exit code: the first
 * that is not 0.
 */
export async function reportFetches(
  steps: readonly FetchStep[],
  views: readonly TransferView[],
  means: Means,
): Promise<number> {
  const { terminal, style } = means;
  const total = { requests: 0, inPlace: 0, exitCode: 0 };
  for (const [index, step] of steps.entries()) {
    const view = views[index];
    if (view === undefined) continue;
    const { inPlace, exitCode } = await reportStep(step, view, means);
    total.requests += step.requests.length;
    total.inPlace += inPlace;
    total.exitCode ||= exitCode;
  }
  if (style.json) terminal.out(summaryLine(total, views));
  else if (!style.quiet && total.requests > 1) {
    terminal.out(`${total.inPlace} of ${total.requests} requests are in place`);
  }
  return total.exitCode;
}

type StepEnd = {
  /** How many requests have every file in place. */
  readonly inPlace: number;
  readonly exitCode: number;
};

async function reportStep(step: FetchStep, view: TransferView, means: Means): Promise<StepEnd> {
  const { client, terminal, style } = means;
  const left = (await isSomethingLeft(step, client, view)) ? exitCodeOf("conflict") : 0;
  const ends = step.contentsOnly ? null : await objectEnds(step, view, client);
  const exitCode = style.json
    ? await reportLines(step, view, ends, { ...means, left })
    : (await reportResult(client, resultOf(step, view), terminal, style)) || left;
  if (step.unpack !== null && !style.json && !style.quiet) await tellUnpacked(view, means);
  const inPlace = ends?.filter((end) => end.exitCode === 0).length ?? Number(exitCode === 0);
  return { inPlace, exitCode };
}

function resultOf(step: FetchStep, view: TransferView): CopyResult {
  return { view, target: targetOf(step), isFolder: step.contentsOnly || step.keys.length > 1 };
}

/** @param ends Of single objects; null for a prefix. */
async function reportLines(
  { requests }: FetchStep,
  view: TransferView,
  ends: readonly ObjectEnd[] | null,
  { client, terminal, left }: Means & { readonly left: number },
): Promise<number> {
  const { error, exitCode } = await endOf(client, view);
  const code = exitCode || left;
  if (ends === null) {
    await printItems(client, view, terminal);
    for (const request of requests)
      terminal.out(prefixLine(request, view, { error, exitCode: code }));
  } else {
    for (const end of ends) terminal.out(objectLine(end, view));
    await terminal.outTaken();
  }
  return code;
}

/** What was skipped without being there, or not unpacked: asked for, and not in place. */
async function isSomethingLeft(
  { unpack }: FetchStep,
  client: Client,
  view: TransferView,
): Promise<boolean> {
  const phases: ItemPhase[] = unpack === null ? ["skipped"] : ["skipped", "done"];
  if (view.skippedItemCount === 0 && unpack === null) return false;
  for await (const item of itemsOf(client, view, phases)) if (!isInPlace(item)) return true;
  return false;
}

/** What became of an archive that was to be unpacked. */
async function tellUnpacked(view: TransferView, { client, terminal }: Means): Promise<void> {
  for await (const { note } of itemsOf(client, view, ["done", "skipped"])) {
    const words = note?.split("; ").find((part) => UNPACK_WORDS.test(part));
    if (words !== undefined) terminal.out(words);
  }
}

function isInPlace({ phase, note }: ItemView): boolean {
  // The archive is here, and what it was to be unpacked into holds something else.
  if (note?.includes(NOT_UNPACKED)) return false;
  if (phase !== "skipped") return phase === "done";
  return note !== null && IN_PLACE.some((words) => note.startsWith(words));
}

async function* itemsOf(
  client: Client,
  view: TransferView,
  phases: ItemPhase[],
): AsyncGenerator<ItemView> {
  for (let offset = 0; ; offset += PAGE_ITEMS) {
    const page = { id: view.id, offset, limit: PAGE_ITEMS, phases };
    const { items } = await client.call("transfer.items", page);
    yield* items;
    if (items.length < PAGE_ITEMS) return;
  }
}

/** The item of each object, by its name: within one transfer no two have the same. */
async function objectEnds(
  step: FetchStep,
  view: TransferView,
  client: Client,
): Promise<readonly ObjectEnd[]> {
  const items = new Map<string, ItemView>();
  for await (const item of itemsOf(client, view, [])) items.set(item.name, item);
  const { error } = await endOf(client, view);
  return step.requests.map((request) => {
    const item = items.get(step.rename ?? lastName(request.key)) ?? null;
    return { request, item, ...endOfItem(item, error) };
  });
}

function endOfItem(
  item: ItemView | null,
  error: ErrorInfo | null,
): Pick<ObjectEnd, "error" | "exitCode"> {
  if (item !== null && isInPlace(item)) return { error: null, exitCode: 0 };
  const isLeft = item?.phase === "skipped" || item?.phase === "asking";
  const left: ErrorInfo = { code: "conflict", message: OTHER_CONTENT, details: {} };
  const unknown: ErrorInfo = { code: "canceled", message: "not done", details: {} };
  const own = item?.error ?? (isLeft ? left : (error ?? unknown));
  return { error: own, exitCode: exitCodeOf(own.code) };
}
