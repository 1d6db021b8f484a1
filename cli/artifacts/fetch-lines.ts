import type { ErrorInfo } from "#shared/errors.ts";
import type { ItemPhase, ItemView, TransferView } from "#shared/transfer.ts";
import { describeError } from "../show-error.ts";
import type { ArtifactRequest } from "./artifact-request.ts";
import { uriOf } from "./artifact-request.ts";

/** JSON lines of `longhaul get --json`, for scripts; fields are added to, never changed. */

type End = { readonly error: ErrorInfo | null; readonly exitCode: number };

export type ObjectEnd = End & {
  readonly request: ArtifactRequest;
  /** Null: it was not even found. */
  readonly item: ItemView | null;
};

export function objectLine({ request, item, ...end }: ObjectEnd, view: TransferView): string {
  const facts =
    item === null ? { ...NOTHING, phase: view.state.phase } : factsOf(item, end.exitCode === 0);
  return resultLine(request, view, facts, end);
}

const NOTHING = {
  totalBytes: 0,
  doneBytes: 0,
  keptBytes: 0,
  rung: null,
  counts: { items: 1, done: 0, failed: 0, skipped: 0 },
  note: null,
  receipt: null,
};

function factsOf(item: ItemView, isInPlace: boolean) {
  const { phase, sizeBytes, note, receipt } = item;
  const count = (wanted: ItemPhase) => Number(phase === wanted);
  return {
    phase,
    totalBytes: sizeBytes,
    doneBytes: isInPlace ? sizeBytes : item.doneBytes,
    keptBytes: isInPlace && phase === "skipped" ? sizeBytes : 0,
    rung: receipt?.rung ?? null,
    counts: { items: 1, done: count("done"), failed: count("failed"), skipped: count("skipped") },
    note,
    receipt,
  };
}

export function prefixLine(request: ArtifactRequest, view: TransferView, end: End): string {
  const { state, totalBytes, doneBytes, keptBytes, rung } = view;
  const counts = {
    items: view.itemCount,
    done: view.doneItemCount,
    failed: view.failedItemCount,
    skipped: view.skippedItemCount,
  };
  const bytes = { totalBytes, doneBytes, keptBytes };
  const facts = { phase: state.phase, ...bytes, rung, counts, note: null, receipt: null };
  return resultLine(request, view, facts, end);
}

function resultLine(
  request: ArtifactRequest,
  view: TransferView,
  facts: Readonly<Record<string, unknown>>,
  { error, exitCode }: End,
): string {
  const { profile, path: destination } = request;
  return JSON.stringify({
    type: "result",
    id: view.id,
    uri: uriOf(request),
    profile,
    destination,
    ...facts,
    error: error === null ? null : describeError(error, view),
    exitCode,
  });
}

export function summaryLine(
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
