import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { INCOMING_MAX_BYTES } from "#shared/transfer-request.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { toErrorInfo } from "#shared/errors.ts";
import type { IncomingAnswer, IncomingRefusal } from "#shared/web-protocol.ts";
import { toDiskError } from "#main/disk/disk-errors.ts";
import type { WebLink } from "./web-link.ts";

export type IncomingOutcome = {
  readonly status: number;
  readonly body: IncomingAnswer | IncomingRefusal;
};

/** What a request for `/incoming/<ticket>?offset=N` asks; null when it is not one. */
export type IncomingRequest = {
  readonly ticket: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
};

/** A page that sends nothing for so long has gone, or its line has. */
const STALL_MS = 60_000;
const PROGRESS_MS = 250;

/** Reads the request line and headers; an outcome refuses. */
export function readIncoming(request: IncomingMessage): IncomingRequest | IncomingOutcome {
  const [, ticket, offset] =
    /^\/incoming\/([\w-]{1,128})\?offset=(\d{1,15})$/.exec(request.url ?? "") ?? [];
  const length = request.headers["content-length"];
  if (ticket === undefined || offset === undefined) return refuse(400, "no ticket or no offset");
  if (length === undefined || !/^\d{1,15}$/.test(length)) return refuse(411, "no Content-Length");
  if (Number(length) > INCOMING_MAX_BYTES) return refuse(413, "the body is longer than 64 MiB");
  return { ticket, offsetBytes: Number(offset), lengthBytes: Number(length) };
}

/** Writes a body where the engine says, makes it durable, and says how far the file is now. */
export async function receiveIncoming(
  asked: IncomingRequest,
  request: IncomingMessage,
  link: WebLink,
  nowMs: () => number,
): Promise<IncomingOutcome> {
  const { ticket, offsetBytes, lengthBytes } = asked;
  const begun = await link.beginIncoming(ticket, offsetBytes, lengthBytes);
  if ("error" in begun) return refuseWith(begun.error);
  const tell = everyQuarterSecond(nowMs, (at) => link.progressIncoming(ticket, at));
  const written = await writeBody(request, begun.path, offsetBytes, tell);
  const error = (await link.endIncoming(ticket, written.offsetBytes)) ?? written.error;
  if (error !== null) return refuseWith(error);
  return { status: 200, body: { offsetBytes: written.offsetBytes } };
}

type Written = {
  /** The file is durable up to here. */
  readonly offsetBytes: number;
  readonly error: ErrorInfo | null;
};

async function writeBody(
  request: IncomingMessage,
  path: string,
  startBytes: number,
  onProgress: (offsetBytes: number) => void,
): Promise<Written> {
  let at = startBytes;
  let error: ErrorInfo | null = null;
  let file: FileHandle | null = null;
  const stall = setTimeout(() => request.destroy(), STALL_MS);
  try {
    file = await open(path, "r+");
    for await (const chunk of request as AsyncIterable<Buffer>) {
      stall.refresh();
      await writeWhole(file, chunk, at);
      at += chunk.length;
      onProgress(at);
    }
  } catch (thrown) {
    // A connection that breaks keeps what came; the page goes on from there.
    error = toErrorInfo(toDiskError(thrown, path, "write"));
  }
  clearTimeout(stall);
  try {
    await file?.datasync();
    await file?.close();
    return { offsetBytes: at, error };
  } catch (thrown) {
    return { offsetBytes: startBytes, error: toErrorInfo(toDiskError(thrown, path, "write")) };
  }
}

function everyQuarterSecond(
  nowMs: () => number,
  tell: (offsetBytes: number) => void,
): (offsetBytes: number) => void {
  let toldAtMs = nowMs();
  return (at) => {
    if (nowMs() - toldAtMs < PROGRESS_MS) return;
    toldAtMs = nowMs();
    tell(at);
  };
}

/** A write can be short without an error. */
async function writeWhole(file: FileHandle, chunk: Buffer, at: number): Promise<void> {
  let done = 0;
  while (done < chunk.length) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

function refuseWith(error: ErrorInfo): IncomingOutcome {
  const ours = error.details.neededBytes;
  if (error.code === "conflict" && ours !== undefined) {
    return { status: 409, body: { offsetBytes: ours } };
  }
  return { status: statusOf(error), body: { error } };
}

function statusOf({ code }: ErrorInfo): number {
  if (code === "invalid") return 400;
  return code === "disk-full" ? 507 : 500;
}

function refuse(status: number, message: string): IncomingOutcome {
  return { status, body: { error: { code: "invalid", message, details: {} } } };
}
