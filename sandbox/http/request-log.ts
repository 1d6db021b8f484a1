import { openSync, writeSync } from "node:fs";
import type { ServerResponse } from "node:http";

import type { OperationName, Route } from "./route.ts";

/**
 * One finished request, as a line of JSON, which leaves out what is undefined. Holds no signature.
 */
export type LogEntry = {
  /** When it was over, or its answer about to leave; wall clock, milliseconds. */
  readonly atMs: number;
  /** From its head to its end, milliseconds. */
  readonly tookMs: number;
  /** S3's name for what was asked; absent where the request named nothing known. */
  readonly op: string | undefined;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly partNumber: number | undefined;
  readonly uploadId: string | undefined;
  /** `start-end`, half-open, in bytes of the object. */
  readonly range: string | undefined;
  /** 0 where the client left before an answer. */
  readonly status: number;
  /** True where the client left before the whole answer was sent; of a document, before any of it was. */
  readonly cut: true | undefined;
  /** Payload bytes, framing taken off. */
  readonly bodyBytesIn: number;
  readonly bodyBytesOut: number;
  /** Without quotes. */
  readonly etag: string | undefined;
};

/** What is known of one request so far. */
export type Progress = {
  /** On the clock that never steps back, milliseconds. */
  readonly startedAtMs: number;
  route: Route | undefined;
  operation: OperationName | undefined;
  bytesIn: number;
  bytesOut: number;
};

export type WriteLog = (entry: LogEntry) => void;

/** Appends to a file. Each line is one write, so several processes can share it. */
export function openLog(path: string): WriteLog {
  const file = openSync(path, "a", 0o600);
  return (entry) => {
    writeSync(file, `${JSON.stringify(entry)}\n`);
  };
}

/**
 * The line of a request whose response has just closed, or whose answer is about to leave whole.
 *
 * @param isWhole Whether all of the answer was sent, or will be with the next write.
 */
export function describeRequest(
  atMs: number,
  progress: Progress,
  response: ServerResponse,
  isWhole: boolean,
): LogEntry {
  const { route } = progress;
  const partNumber = route?.query.get("partNumber");
  return {
    atMs,
    tookMs: Math.round(performance.now() - progress.startedAtMs),
    op: progress.operation,
    method: response.req.method ?? "",
    bucket: route?.bucket ?? "",
    key: route?.key ?? "",
    partNumber: partNumber === undefined ? undefined : Number(partNumber),
    uploadId: route?.query.get("uploadId"),
    range: sentRange(response),
    status: response.headersSent ? response.statusCode : 0,
    cut: isWhole ? undefined : true,
    bodyBytesIn: progress.bytesIn,
    bodyBytesOut: progress.bytesOut,
    etag: response.getHeader("etag")?.toString().replaceAll('"', ""),
  };
}

/** `bytes 0-9/100` becomes `0-10`. */
function sentRange(response: ServerResponse): string | undefined {
  const header = response.getHeader("content-range");
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(String(header)) ?? [];
  return first === undefined ? undefined : `${first}-${Number(last) + 1}`;
}
