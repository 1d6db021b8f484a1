import type { DroppedFile, DropTicket } from "#shared/contract.ts";
import type { ItemRow, Journal, NewItem } from "./journal.ts";
import type { UploadSource } from "./item-record.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { TransferRunner } from "./transfer-runner.ts";
import type { Reservation, SpaceLedger } from "../disk/free-space.ts";
import { mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { TransferId } from "#shared/transfer.ts";
import { statFile } from "../disk/stat-file.ts";
import { readResume, UploadSource as UploadSourceSchema } from "./item-record.ts";

type Ports = {
  /** Where what arrives is kept until its upload is done. */
  readonly folder: string;
  readonly book: TransferBook;
  readonly runner: TransferRunner;
  readonly journal: Journal;
  readonly space: SpaceLedger;
};

/**
 * Files that a browser page sends: each is spooled into a file named by its ticket, and is an
 * ordinary upload from the moment it is whole.
 */
export class Arrivals {
  readonly #ports: Ports;
  readonly #underWay = new Map<string, { readonly row: ItemRow; readonly space: Reservation }>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Adds files to a drop; tickets are in the order of the files. */
  async add(id: TransferId, files: readonly DroppedFile[]): Promise<DropTicket[]> {
    const { book, runner, folder } = this.#ports;
    const { spec, listing } = book.get(id);
    if (spec.kind !== "drop" || listing.isComplete) throw notOpen(id);
    const first = listing.itemCount;
    const items = await Promise.all(
      files.map((file, at) =>
        this.#toItem(file, first + at, join(folder, ticketOf(id, first + at))),
      ),
    );
    await book.addItems(id, items, { ...listing, itemCount: first + files.length });
    runner.notice(id);
    runner.noticeArrival(id);
    return files.map((_, at) => ({ ticket: ticketOf(id, first + at), offsetBytes: 0 }));
  }

  async close(id: TransferId): Promise<void> {
    const { book, runner } = this.#ports;
    const { spec, listing } = book.get(id);
    if (spec.kind !== "drop") throw notOpen(id);
    await book.addItems(id, [], { ...listing, isComplete: true });
    runner.notice(id);
  }

  /** Which of these files are the rest of an unfinished arrival, by index into `files`. */
  async match(
    files: readonly DroppedFile[],
  ): Promise<{ index: number; id: TransferId; ticket: DropTicket }[]> {
    const rows = await this.#ports.journal.arrivals(files.map(arrivalKey));
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
    const row = await this.#find(ticket);
    const { arrivedBytes } = readResume(row.resume);
    if (offsetBytes !== arrivedBytes) throw wrongOffset(arrivedBytes);
    if (offsetBytes + lengthBytes > row.sizeBytes) throw refused("it goes beyond the file's end");
    const { folder, space, runner } = this.#ports;
    const path = join(folder, ticket);
    const reserved = await space.reserve(folder, row.sizeBytes - arrivedBytes);
    this.#underWay.set(ticket, { row, space: reserved });
    await touch(path);
    runner.noticeArrival(row.transferId);
    return { path };
  }

  progress(ticket: string): void {
    const row = this.#underWay.get(ticket)?.row;
    if (row) this.#ports.runner.noticeArrival(row.transferId);
  }

  /** See `IncomingDoor.end`. */
  async end(ticket: string, offsetBytes: number): Promise<void> {
    const body = this.#underWay.get(ticket);
    if (!body) return;
    this.#underWay.delete(ticket);
    body.space.release();
    const { book, runner, journal, folder } = this.#ports;
    const { transferId, index, sizeBytes } = body.row;
    const resume = { ...readResume(body.row.resume), arrivedBytes: offsetBytes };
    runner.noticeArrival(transferId);
    if (offsetBytes < sizeBytes) {
      await journal.commit([{ type: "item-changed", transferId, index, resume }]);
    } else {
      const path = join(folder, ticket);
      const { stamp } = await statFile(path);
      const source: UploadSource = { kind: "arrival", path, stamp };
      await book.changeItem(body.row, { phase: "waiting", source, resume, arrivalKey: null });
      runner.notice(transferId);
    }
    await this.#goOn(transferId);
  }

  /** Removes what no unfinished item needs any more: a crash came before it was removed. */
  async sweep(): Promise<void> {
    const { folder } = this.#ports;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      const row = await this.#find(name).catch(() => null);
      const isSpool =
        row !== null && UploadSourceSchema.safeParse(row.source).data?.kind === "arrival";
      if (isSpool && row.phase !== "done" && row.phase !== "skipped") continue;
      await unlink(join(folder, name));
    }
  }

  /** A page came back to a transfer that rested for want of it. */
  async #goOn(id: TransferId): Promise<void> {
    const { book, runner } = this.#ports;
    const { state } = book.get(id);
    if (state.phase !== "paused" || state.cause !== "drop") return;
    await book.apply(id, { type: "queued" });
    runner.wake();
  }

  async #toItem(file: DroppedFile, index: number, path: string): Promise<NewItem> {
    const base = { index, name: file.name.replace(/^\/+/u, ""), sizeBytes: file.sizeBytes };
    if (file.sizeBytes > 0) {
      const source: UploadSource = { kind: "arrival", path, stamp: null };
      return { ...base, source, phase: "arriving", arrivalKey: arrivalKey(file) };
    }
    await touch(path);
    const { stamp } = await statFile(path);
    const source: UploadSource = { kind: "arrival", path, stamp };
    return { ...base, source };
  }

  /** @throws {LonghaulError} `invalid` when the ticket stands for no file that is arriving. */
  async #find(ticket: string): Promise<ItemRow> {
    const [, uuid = "", at = ""] = /^([0-9a-f-]{36})-(\d{1,9})$/u.exec(ticket) ?? [];
    const id = TransferId.safeParse(uuid);
    if (!id.success) throw refused("there is no such ticket");
    const index = Number(at);
    const query = { transferId: id.data, afterIndex: index - 1, limit: 1 };
    const [row] = await this.#ports.journal.items(query);
    if (row?.index !== index) throw refused("there is no such ticket");
    return row;
  }
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
