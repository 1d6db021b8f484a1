import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { sendSpans, sendTampered } from "../bodies/send-body.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { renderXml } from "../protocol/xml.ts";
import type { S3Answer } from "./s3-call.ts";

export type SendWatcher = {
  /** Told the count of bytes of each block of an object that the socket took. */
  readonly onSent: (bytes: number) => void;
  /** Called before a document, or a head alone, leaves whole; not for what goes block by block. */
  readonly onSending: () => void;
};

/** Sends an answer; for HEAD only its headers. */
export async function sendAnswer(
  response: ServerResponse,
  answer: S3Answer,
  watcher: SendWatcher,
): Promise<void> {
  const isHead = response.req.method === "HEAD";
  const text = Buffer.from(answer.text ?? "");
  // A fault that dawdles has sent the head by itself.
  if (!response.headersSent) {
    setHeaders(response, answer, text.length);
    response.writeHead(answer.status);
  }
  const { spans, tamper } = answer;
  if (!isHead && spans !== undefined) await sendSpans(response, spans, watcher.onSent, tamper);
  else if (!isHead && tamper !== undefined) await sendTampered(response, text, tamper);
  else {
    if (!response.destroyed) watcher.onSending();
    response.end(isHead ? undefined : text);
    return;
  }
  response.end();
}

function setHeaders(response: ServerResponse, answer: S3Answer, textBytes: number): void {
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.setHeader("x-amz-request-id", randomBytes(8).toString("hex").toUpperCase());
  if (textBytes > 0) response.setHeader("content-type", answer.contentType ?? "application/xml");
  if (answer.isUnframed === true) {
    response.useChunkedEncodingByDefault = false;
    response.setHeader("connection", "close");
    return;
  }
  if (answer.status !== 204 && answer.status !== 304) {
    response.setHeader("content-length", answer.lengthBytes ?? textBytes);
  }
  if (expectsContinue(response.req) && !response.req.readableEnded) {
    // Whether the client now sends its body is up to it, so the connection cannot go on.
    response.setHeader("connection", "close");
  }
}

export function expectsContinue(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === "100-continue";
}

/** S3's error document; what is no S3Error is an InternalError that says nothing. */
export function renderError(error: unknown, request: IncomingMessage): S3Answer {
  const known = error instanceof S3Error ? error : new S3Error("InternalError");
  const text = renderXml(
    "Error",
    [
      ["Code", known.code],
      ["Message", known.message],
      ...Object.entries(known.fields),
      ["Resource", request.url?.split("?")[0]],
    ],
    "",
  );
  const size = known.fields["ActualObjectSize"];
  return {
    status: known.status,
    text,
    headers: {
      "content-range": size === undefined ? undefined : `bytes */${size}`,
      "x-amz-bucket-region": known.fields["Region"],
    },
  };
}
