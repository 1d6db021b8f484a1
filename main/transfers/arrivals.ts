import type { DroppedFile, DropTicket } from "#shared/transfer-request.ts";
import type { ItemRow, Journal, NewItem } from "./journal.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { TransferRunner } from "./transfer-runner.ts";
import type { DropSpec, TransferSpec } from "./transfer-spec.ts";
import type { Reservation, SpaceLedger } from "../disk/free-space.ts";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { TransferId } from "#shared/transfer.ts";
import { makeFolders } from "../disk/make-folders.ts";
import { statFile } from "../disk/stat-file.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { archiveItem, isPackedDrop, nameInside } from "./dropped-folder.ts";
import { stayedBehind } from "./upload-source.ts";
import { readResume, UploadSource } from "./item-record.ts";
import { removeSpool, spoolOf } from "./spool.ts";
import { isSettled } from "./transfer-state.ts";

type Ports = {
  /** Where what arrives is kept until its upload is done. */
  readonly folder: string;
  readonly book: TransferBook;
  readonly runner: TransferRunner;
  readonly journal: Journal;
  readonly space: SpaceLedger;
};

/** Adding a page of files is one commit. */
const ADD_DEADLINE_MS = 60_000;

/** A body under way: the item it is of, and the room that is kept for it. */
type Body = { readonly row: ItemRow; readonly space: Reservation };

/**
 * Files that a browser page sends: each is spooled into a file named by its ticket, and is an
 * ordinary upload from the moment it is whole; or all of them are one, from when the last one is.
 */
export class Arrivals {
  readonly #ports: Ports;
  /** By ticket; null while it is looked whether it may begin. */
  readonly #underWay = new Map<string, Body | null>();
  /** Two pages of files for one drop must not get the same places in it. */
  readonly #adding = new Semaphore(1);

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Adds files to a drop; tickets are in the order of the files. */
  async add(id: TransferId, files: readonly DroppedFile[]): Promise<DropTicket[]> {
    return await this.#alone(() => this.#addAlone(id, files));
  }

  /** No more files will be added. */
  async close(id: TransferId): Promise<void> {
    await this.#alone(() => this.#closeAlone(id));
  }

  /** One change of what a drop consists of at a time. */
  async #alone<T>(change: () => Promise<T>): Promise<T> {
    const free = await this.#adding.acquire(AbortSignal.timeout(ADD_DEADLINE_MS));
    try {
      return await change();
    } finally {
      free();
    }
  }

  async #addAlone(id: TransferId, files: readonly DroppedFile[]): Promise<DropTicket[]> {
    const { book, runner, folder } = this.#ports;
    const { spec, state, listing } = book.get(id);
    if (spec.kind !== "drop" || listing.isComplete || isSettled(state)) throw notOpen(id);
    const first = listing.itemCount;
    for (const file of files) assertNamed(spec, file);
    const items = await Promise.all(
      files.map(async (file, at) => {
        const index = first + at;
        const item = await this.#toItem(file, index, join(folder, ticketOf(id, index)));
        // A file of no bytes is here, and waits for the others.
        return item.phase === undefined ? { ...item, phase: restingPhase(spec) } : item;
      }),
    );
    await book.addItems(id, items, { ...listing, itemCount: first + files.length });
    runner.notice(id);
    runner.noticeArrival(id);
    await this.#goOn(id);
    return files.map((_, at) => ({ ticket: ticketOf(id, first + at), offsetBytes: 0 }));
  }

  /** These do not come. What is whole here, or is gone, is left as it is. */
  async leave(tickets: readonly string[]): Promise<void> {
    await this.#alone(async () => {
      for (const ticket of tickets) await this.#leaveOne(ticket);
    });
  }

  async #leaveOne(ticket: string): Promise<void> {
    const { book, runner } = this.#ports;
    const row = await this.#findRow(ticket);
    if (row?.phase !== "arriving" || this.#underWay.has(ticket)) return;
    const error = toErrorInfo(stayedBehind(row));
    await book.changeItem(row, { phase: "failed", error, arrivalKey: null });
    await removeSpool(row.source);
    runner.notice(row.transferId);
    await this.#goOn(row.transferId);
  }

  async #closeAlone(id: TransferId): Promise<void> {
    const { book, runner } = this.#ports;
    const { spec, listing } = book.get(id);
    if (spec.kind !== "drop") throw notOpen(id);
    // The answer to an earlier close was lost.
    if (listing.isComplete) return;
    const { itemCount } = listing;
    // In one commit: a drop whose list is complete has what it is packed into.
    const packed = isPackedDrop(spec) ? [archiveItem(spec, itemCount)] : [];
    const closed = { ...listing, isComplete: true, itemCount: itemCount + packed.length };
    await book.addItems(id, packed, closed);
    runner.notice(id);
    await this.#goOn(id);
  }

  /** Which of these files are the rest of an unfinished arrival, by index into `files`. */
  async match(
    files: readonly DroppedFile[],
  ): Promise<{ index: number; id: TransferId; ticket: DropTicket }[]> {
    const { journal } = this.#ports;
    const rows = (await journal.arrivals(files.map(arrivalKey))).filter((row) => this.#isOpen(row));
    const byKey = new Map(rows.toReversed().map((row) => [row.arrivalKey, row]));
    return files.flatMap((file, index) => {
      const row = byKey.get(arrivalKey(file));
      if (!row) return [];
      const offsetBytes = readResume(row.resume).arrivedBytes;
      const ticket = { ticket: ticketOf(row.transferId, row.index), offsetBytes };
      return [{ index, id: row.transferId, ticket }];
    });
  }

  /** See `IncomingDoor.begin`. */
  async begin(
    ticket: string,
    offsetBytes: number,
    lengthBytes: number,
  ): Promise<{ readonly path: string }> {
    if (this.#underWay.has(ticket)) throw refused("another body for this file is under way");
    this.#underWay.set(ticket, null);
    try {
      const row = await this.#find(ticket);
      const space = await this.#makeRoom(row, ticket, { offsetBytes, lengthBytes });
      this.#underWay.set(ticket, { row, space });
      this.#ports.runner.noticeArrival(row.transferId);
      await this.#goOn(row.transferId);
      return { path: join(this.#ports.folder, ticket) };
    } catch (error) {
      this.#underWay.get(ticket)?.space.release();
      this.#underWay.delete(ticket);
      throw error;
    }
  }

  progress(ticket: string): void {
    const row = this.#underWay.get(ticket)?.row;
    if (row) this.#ports.runner.noticeArrival(row.transferId);
  }

  /** See `IncomingDoor.end`. */
  async end(ticket: string, offsetBytes: number): Promise<void> {
    const body = this.#underWay.get(ticket);
    if (!body) return;
    body.space.release();
    try {
      await this.#keep(body.row, join(this.#ports.folder, ticket), offsetBytes);
    } finally {
      // Only now may the next body begin: it asks how far this one came.
      this.#underWay.delete(ticket);
    }
  }

  /** Removes what no unfinished item needs any more: a crash came before it was removed. */
  async sweep(): Promise<void> {
    const { folder } = this.#ports;
    await makeFolders(folder, 0o700);
    for (const name of await readdir(folder)) {
      if (await this.#isNeeded(name)) continue;
      // What cannot be removed is in nobody's way; it is tried again at the next start.
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }

  async #isNeeded(name: string): Promise<boolean> {
    const row = await this.#findRow(name);
    if (row === null || spoolOf(row.source) === null) return false;
    const { state } = this.#ports.book.get(row.transferId);
    const isDiscarded = state.phase === "canceled" && !state.isKept;
    return row.phase !== "done" && row.phase !== "skipped" && !isDiscarded;
  }

  /** Bytes are only ever put where all before them are. */
  async #makeRoom(
    row: ItemRow,
    ticket: string,
    { offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number },
  ): Promise<Reservation> {
    const { folder, space } = this.#ports;
    // It is whole already: the page did not hear the answer to its last body.
    if (row.phase !== "arriving") throw wrongOffset(row.sizeBytes);
    const path = join(folder, ticket);
    await touch(path);
    const { sizeBytes: keptBytes } = await statFile(path);
    const arrivedBytes = Math.min(keptBytes, readResume(row.resume).arrivedBytes);
    if (offsetBytes !== arrivedBytes) throw wrongOffset(arrivedBytes);
    if (offsetBytes + lengthBytes > row.sizeBytes) throw refused("it goes beyond the file's end");
    return await space.reserve(folder, row.sizeBytes - arrivedBytes);
  }

  async #keep(row: ItemRow, path: string, offsetBytes: number): Promise<void> {
    const { book, runner, journal } = this.#ports;
    const { transferId, index, sizeBytes } = row;
    // Nobody wants it any more: it was canceled, or taken off the list, while it came.
    if (!this.#isOpen(row)) return await removeSpool(row.source);
    const { sizeBytes: keptBytes, stamp } = await statFile(path);
    const arrivedBytes = Math.min(offsetBytes, keptBytes);
    const resume = { ...readResume(row.resume), arrivedBytes };
    runner.noticeArrival(transferId);
    if (arrivedBytes < sizeBytes) {
      await journal.commit([{ type: "item-changed", transferId, index, resume }]);
    } else {
      const kept = UploadSource.parse(row.source);
      const modifiedAtMs = kept.kind === "arrival" ? kept.modifiedAtMs : undefined;
      const source: UploadSource = { kind: "arrival", path, stamp, modifiedAtMs };
      const { spec } = book.get(transferId);
      const phase = restingPhase(spec);
      await book.changeItem(row, { phase, source, resume, arrivalKey: null });
      runner.notice(transferId);
    }
    await this.#goOn(transferId);
  }

  /** Its transfer may still go on with it. */
  #isOpen(row: ItemRow): boolean {
    const state = this.#ports.book.find(row.transferId)?.state;
    return state !== undefined && (state.phase !== "canceled" || state.isKept);
  }

  /** A page came back to a transfer that rested for want of it. */
  async #goOn(id: TransferId): Promise<void> {
    const { book, runner } = this.#ports;
    const state = book.upcomingState(id);
    const isForWantOfIt = state.phase === "paused" && state.cause === "drop";
    if (!isForWantOfIt) return;
    await book.apply(id, { type: "queued" });
    runner.wake();
  }

  async #toItem(file: DroppedFile, index: number, path: string): Promise<NewItem> {
    const name = plainName(file.name);
    const base = { index, name, sizeBytes: file.sizeBytes };
    if (name.endsWith("/") && file.sizeBytes === 0) {
      const folder: UploadSource = { kind: "folder" };
      return { ...base, source: folder };
    }
    const { modifiedAtMs } = file;
    if (file.sizeBytes > 0) {
      const source: UploadSource = { kind: "arrival", path, stamp: null, modifiedAtMs };
      return { ...base, source, phase: "arriving", arrivalKey: arrivalKey(file) };
    }
    await touch(path);
    const { stamp } = await statFile(path);
    const source: UploadSource = { kind: "arrival", path, stamp, modifiedAtMs };
    return { ...base, source };
  }

  /** @throws {LonghaulError} `invalid` when the ticket stands for no file of a drop. */
  async #find(ticket: string): Promise<ItemRow> {
    const row = await this.#findRow(ticket);
    if (row === null || spoolOf(row.source) === null || !this.#isOpen(row)) {
      throw refused("there is no such ticket");
    }
    return row;
  }

  async #findRow(ticket: string): Promise<ItemRow | null> {
    const [, uuid = "", at = ""] = /^([0-9a-f-]{36})-(\d{1,9})$/u.exec(ticket) ?? [];
    const id = TransferId.safeParse(uuid);
    if (!id.success || !this.#ports.book.find(id.data)) return null;
    const index = Number(at);
    const query = { transferId: id.data, afterIndex: index - 1, limit: 1 };
    const [row] = await this.#ports.journal.items(query);
    return row?.index === index ? row : null;
  }
}

function plainName(name: string): string {
  return name.replace(/^\/+/u, "");
}

/** @throws {LonghaulError} `invalid` */
function assertNamed(spec: DropSpec, file: DroppedFile): void {
  const name = plainName(file.name);
  if (name === "") throw refused("a file needs a name");
  if (!isPackedDrop(spec)) return;
  nameInside(spec, name);
  if (name.endsWith("/") && file.sizeBytes > 0) throw refused("a folder has no bytes");
}

/** What is whole here is sent at once, or packed when all others are here, too. */
function restingPhase(spec: TransferSpec): "waiting" | "arrived" {
  return isPackedDrop(spec) ? "arrived" : "waiting";
}

function ticketOf(id: TransferId, index: number): string {
  return `${id}-${index}`;
}

/** Name, size and time: what a page can say of a file it cannot name. */
function arrivalKey({ name, sizeBytes, modifiedAtMs }: DroppedFile): string {
  return JSON.stringify([name, sizeBytes, modifiedAtMs]);
}

async function touch(path: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  await file.close();
}

function notOpen(id: TransferId): LonghaulError {
  return new LonghaulError("invalid", `transfer ${id} takes no more files`);
}

function refused(why: string): LonghaulError {
  return new LonghaulError("invalid", `the body is refused: ${why}`);
}

function wrongOffset(arrivedBytes: number): LonghaulError {
  return new LonghaulError("conflict", `the file goes on at ${arrivedBytes}`, {
    details: { neededBytes: arrivedBytes },
  });
}
