import type { Client } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { ItemPhase, ItemView, TransferView } from "#shared/transfer.ts";
import { lastName } from "#main/transfers/transfer-spec.ts";
import { endOf, OTHER_CONTENT, reportResult } from "../copy-result.ts";
import { targetOf } from "../copy-plan.ts";
import { exitCodeOf } from "../exit-code.ts";
import { printItems } from "../item-lines.ts";
import { describeError } from "../show-error.ts";
import type { Terminal } from "../terminal.ts";
import type { ArtifactRequest } from "./artifact-request.ts";
import { uriOf } from "./artifact-request.ts";
import type { FetchStep } from "./plan-downloads.ts";

/** As many as one call gives. */
const PAGE_ITEMS = 500;

/** Notes of items that were skipped because there is nothing to do, as the engine writes them. */
const IN_PLACE = ["already here", "a folder"];

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
  const leftCode = (await isSomethingLeft(client, view)) ? exitCodeOf("conflict") : 0;
  if (step.contentsOnly && style.json) {
    await printItems(client, view, terminal);
    const { error, exitCode } = await endOf(client, view);
    const code = exitCode || leftCode;
    const [request] = step.requests;
    if (request !== undefined) terminal.out(prefixLine(request, view, error, code));
    return { inPlace: code === 0 ? 1 : 0, exitCode: code };
  }
  const ends = step.contentsOnly ? [] : await objectEnds(step, view, client);
  const inPlace = ends.filter(({ exitCode }) => exitCode === 0).length;
  if (style.json) {
    for (const end of ends) terminal.out(objectLine(end, view));
    await terminal.outTaken();
    const { exitCode } = await endOf(client, view);
    return { inPlace, exitCode: exitCode || leftCode };
  }
  const isFolder = step.contentsOnly || step.keys.length > 1;
  const result = { view, target: targetOf(step), isFolder };
  const exitCode = (await reportResult(client, result, terminal, style)) || leftCode;
  return { inPlace: step.contentsOnly ? Number(exitCode === 0) : inPlace, exitCode };
}

/** What was skipped without being there: asked for, and not in place. */
async function isSomethingLeft(client: Client, view: TransferView): Promise<boolean> {
  if (view.skippedItemCount === 0) return false;
  for await (const item of itemsOf(client, view, ["skipped"])) if (!isInPlace(item)) return true;
  return false;
}

function isInPlace({ phase, note }: ItemView): boolean {
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

type ObjectEnd = {
  readonly request: ArtifactRequest;
  /** Null: it was not even found. */
  readonly item: ItemView | null;
  readonly error: ErrorInfo | null;
  readonly exitCode: number;
};

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

/** A line for scripts; fields are added to, never changed. */
function objectLine({ request, item, error, exitCode }: ObjectEnd, view: TransferView): string {
  const isThere = item !== null && item.phase === "skipped" && exitCode === 0;
  const sizeBytes = item?.sizeBytes ?? 0;
  return JSON.stringify({
    ...headOf(request, view),
    phase: item?.phase ?? view.state.phase,
    totalBytes: sizeBytes,
    doneBytes: exitCode === 0 ? sizeBytes : (item?.doneBytes ?? 0),
    keptBytes: isThere ? sizeBytes : 0,
    rung: item?.receipt?.rung ?? null,
    counts: countsOf(item),
    note: item?.note ?? null,
    receipt: item?.receipt ?? null,
    error: error === null ? null : describeError(error, view),
    exitCode,
  });
}

function countsOf(item: ItemView | null) {
  const count = (phase: ItemPhase) => Number(item?.phase === phase);
  return {
    items: 1,
    done: count("done"),
    failed: count("failed"),
    skipped: count("skipped"),
  };
}

function prefixLine(
  request: ArtifactRequest,
  view: TransferView,
  error: ErrorInfo | null,
  exitCode: number,
): string {
  const { state, totalBytes, doneBytes, keptBytes, rung } = view;
  return JSON.stringify({
    ...headOf(request, view),
    phase: state.phase,
    totalBytes,
    doneBytes,
    keptBytes,
    rung,
    counts: {
      items: view.itemCount,
      done: view.doneItemCount,
      failed: view.failedItemCount,
      skipped: view.skippedItemCount,
    },
    note: null,
    receipt: null,
    error: error === null ? null : describeError(error, view),
    exitCode,
  });
}

function headOf(request: ArtifactRequest, view: TransferView) {
  const { profile, path: destination } = request;
  return { type: "result", id: view.id, uri: uriOf(request), profile, destination };
}

function summaryLine(
  total: { readonly requests: number; readonly inPlace: number; readonly exitCode: number },
  views: readonly TransferView[],
): string {
  const sum = (pick: (view: TransferView) => number) =>
    views.reduce((bytes, view) => bytes + pick(view), 0);
  return JSON.stringify({
    type: "summary",
    ...total,
    transfers: views.length,
    items: sum((view) => view.itemCount),
    totalBytes: sum((view) => view.totalBytes),
    doneBytes: sum((view) => view.doneBytes),
    keptBytes: sum((view) => view.keptBytes),
  });
}
