import type { CallHandlers } from "#shared/contract.ts";
import type { Profile, ProfileId } from "#shared/profile.ts";
import type { Cause, ItemPhase, ItemView, TransferId } from "#shared/transfer.ts";
import type { ItemRow, Journal } from "../transfers/journal.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import type { TransferRunner } from "../transfers/transfer-runner.ts";
import type { TransferSpec } from "../transfers/transfer-spec.ts";
import type { TransferDesk } from "../transfers/transfer-desk.ts";
import type { Resolve } from "./to-spec.ts";
import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { toFsPath } from "../disk/local-path.ts";
import { readDetail } from "../transfers/transfer-detail.ts";
import { isListed, isSettled } from "../transfers/transfer-state.ts";
import { findUnfinished } from "../transfers/unfinished.ts";
import { toDownloadSpec, toDropSpec, toUploadSpec } from "./to-spec.ts";

/** Making a folder takes no longer, on a disk that answers. */
const FOLDER_MS = 2000;

type Ports = {
  readonly desk: TransferDesk;
  readonly book: TransferBook;
  readonly runner: TransferRunner;
  readonly journal: Journal;
  readonly resolve: Resolve;
  readonly profileOf: (id: ProfileId) => Pick<Profile, "upload" | "preset"> | undefined;
  readonly view: (
    record: TransferRecord,
  ) => Awaited<ReturnType<CallHandlers["transfer.list"]>>[number];
};

type TransferCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `transfer.${string}`>>;

/** The calls about transfers. */
export function transferCalls({
  desk,
  book,
  runner,
  journal,
  resolve,
  profileOf,
  view,
}: Ports): TransferCalls {
  const start = async (spec: TransferSpec) => desk.start(spec);
  return {
    "transfer.list": async () =>
      book
        .list()
        .filter(({ state }) => isListed(state))
        .map(view),
    "transfer.upload": async (request) => {
      const defaults = profileOf(request.destination.profileId)?.upload;
      return await start(await toUploadSpec(request, resolve, defaults));
    },
    "transfer.download": async (request) => {
      const spec = await toDownloadSpec(request, resolve);
      if (spec.sync?.isDryRun !== true) await makeNamedFolder(spec.folder);
      return await start(spec);
    },
    "transfer.drop": async (request) => {
      const defaults = profileOf(request.destination.profileId)?.upload;
      return { id: (await start(toDropSpec(request, defaults))).id };
    },
    "transfer.pause": async ({ id }) => done(desk.pause(id)),
    "transfer.resume": async ({ id }) => done(desk.resume(id)),
    "transfer.retry": async ({ id }) => done(desk.resume(id)),
    "transfer.cancel": async ({ id, keepParts }) => done(desk.cancel(id, keepParts)),
    "transfer.move": async ({ id, to }) => done(desk.move(id, to)),
    "transfer.cap": async ({ id, bytesPerSecond }) => done(desk.cap(id, bytesPerSecond)),
    "transfer.answer": async ({ id, answer, forAll }) => done(desk.answer(id, answer, forAll)),
    "transfer.clear": async ({ ids }) => done(Promise.all(ids.map((id) => desk.clear(id)))),
    "transfer.pauseAll": async () => done(forEach(book, (id) => desk.pause(id))),
    "transfer.resumeAll": async () => done(resumePaused(book, desk)),
    "transfer.items": async ({ id, offset, limit, phases }) => {
      book.get(id);
      const rows = await journal.items({ transferId: id, offset, limit, phases });
      return {
        items: rows.map((row) => toItemView(row, runner)),
        total: countOf(book.get(id), phases),
      };
    },
    "transfer.unfinished": async () => {
      const presetOf = (id: ProfileId) => profileOf(id)?.preset;
      const found = await Promise.all(
        book.list().map((one) => findUnfinished(journal, one, presetOf)),
      );
      return found.filter((one) => one !== null);
    },
    "transfer.detail": async ({ id }) => readDetail(book.get(id), runner.progress(id), journal),
  };
}

/**
 * A folder that a person names now is made, its parent being there; one that is missing later is one
 * that went away. What stands in its way, the transfer itself says.
 */
export async function makeNamedFolder(folder: string): Promise<void> {
  const made = mkdir(toFsPath(folder)).catch(() => undefined);
  // A disk that hangs keeps the transfer waiting, not who asks for it.
  const late = new AbortController();
  const waiting = sleep(FOLDER_MS, undefined, late).catch(() => undefined);
  await Promise.race([made, waiting]).finally(() => late.abort());
}

async function done(work: Promise<unknown>): Promise<null> {
  await work;
  return null;
}

async function forEach(book: TransferBook, act: (id: TransferId) => Promise<void>): Promise<void> {
  const open = book.list().filter(({ state }) => !isSettled(state));
  await Promise.all(open.map(({ id }) => act(id)));
}

const RESUMED_WITH_ALL: ReadonlySet<Cause> = new Set(["user", "crashed"]);

/** What a person paused or may hurry; what waits for an answer or for space goes on waiting. */
async function resumePaused(book: TransferBook, desk: TransferDesk): Promise<void> {
  const paused = book
    .list()
    .filter(({ state }) => state.phase === "paused" && RESUMED_WITH_ALL.has(state.cause));
  for (const { id } of paused) await desk.goOn(id);
}

function countOf({ totals }: TransferRecord, phases: readonly ItemPhase[]): number {
  const wanted = Object.entries(totals.counts).filter(
    ([phase]) => phases.length === 0 || phases.some((one) => one === phase),
  );
  return wanted.reduce((sum, [, count]) => sum + count, 0);
}

/** A row at rest as it is; one under way as its run knows it. */
function toItemView(row: ItemRow, runner: TransferRunner): ItemView {
  const { index, name, sizeBytes, phase, doneBytes, error, note, receipt } = row;
  const base = { index, name, sizeBytes, error, note, receipt };
  const live = runner.progress(row.transferId)?.item(index);
  if (!live || phase !== "waiting") return { ...base, phase, doneBytes };
  const isVerifying = live.stageNow === "verifying";
  return {
    ...base,
    // What is packed of others' bytes has none of its own.
    sizeBytes: Math.max(sizeBytes, live.sizeBytes),
    phase: isVerifying ? "verifying" : "moving",
    doneBytes: Math.max(live.stageNow === "preparing" ? doneBytes : 0, live.doneBytes),
  };
}
