import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "#shared/fault-script.ts";
import type { Operation, S3Answer, S3Call } from "../http/s3-call.ts";
import { renderXml } from "../protocol/xml.ts";
import { breakOff, tamperWith } from "./break-off.ts";
import { flipBit, flipBitOfFile } from "./flip-bit.ts";
import { withoutHeaders } from "./quirks.ts";

/** Carries out one request with one fault in it. */
export async function inject(
  fault: Fault,
  call: S3Call,
  operation: Operation,
  response: ServerResponse,
): Promise<S3Answer> {
  if (fault.kind === "answer") return await answerInstead(fault, call, response);
  await beforeEffect(fault, call, response);
  const answer = await operation(requestWith(fault, call, response));
  return await afterEffect(fault, answer, call, response);
}

async function beforeEffect(fault: Fault, call: S3Call, response: ServerResponse): Promise<void> {
  if (fault.kind === "raw") {
    await drain(call);
    response.socket?.end(fault.text);
    throw new Error("answered by hand on purpose");
  }
  if (fault.kind !== "break") return;
  if (fault.at === "request-end") await drain(call);
  if (fault.at === "head" || fault.at === "request-end") await breakOff(response, fault.how);
}

/** The request as the operation gets to see it. */
function requestWith(fault: Fault, call: S3Call, response: ServerResponse): S3Call {
  if (fault.kind === "ignore") return withoutHeaders(call, fault.headers);
  if (fault.kind === "flip" && fault.where === "received") {
    return withChunks(call, (chunk, startByte) => {
      const at = fault.atByte - startByte;
      return at >= 0 && at < chunk.length ? flipBit(chunk, at, fault.bit) : chunk;
    });
  }
  if (fault.kind !== "break" || fault.at !== "request-body") return call;
  return withChunks(call, async (chunk, startByte) => {
    if (startByte + chunk.length < fault.afterBytes) return chunk;
    return await breakOff(response, fault.how);
  });
}

type Change = (chunk: Buffer, startByte: number) => Buffer | Promise<Buffer>;

function withChunks(call: S3Call, change: Change): S3Call {
  const { body } = call;
  return {
    ...call,
    body: {
      ...body,
      async *chunks() {
        let startByte = 0;
        for await (const chunk of body.chunks()) {
          yield await change(chunk, startByte);
          startByte += chunk.length;
        }
      },
    },
  };
}

async function afterEffect(
  fault: Fault,
  answer: S3Answer,
  call: S3Call,
  response: ServerResponse,
): Promise<S3Answer> {
  const { kind } = fault;
  if (kind === "break" && fault.at === "effect") return await breakOff(response, fault.how);
  if (kind === "spaces") return await sendSpaces(fault, answer, response);
  if (kind === "delay") await sleep(fault.ms);
  if (kind === "flip" && fault.where === "stored") await flipStored(fault, call);
  return withTampering(fault, changedAnswer(fault, answer), response);
}

/** The answer with another head or document than the true one. */
function changedAnswer(fault: Fault, answer: S3Answer): S3Answer {
  const { headers = {}, text = "" } = answer;
  if (fault.kind === "shift-range") {
    return { ...answer, headers: { ...headers, ...shiftedRange(fault, answer) } };
  }
  if (fault.kind === "truncate") return { ...answer, text: text.slice(0, fault.keepBytes) };
  if (fault.kind !== "alter") return answer;
  const changes = Object.entries(fault.headers).map(([name, value]) => [name, value ?? undefined]);
  return {
    ...answer,
    status: fault.status ?? answer.status,
    headers: { ...headers, ...Object.fromEntries(changes) },
  };
}

function withTampering(fault: Fault, answer: S3Answer, response: ServerResponse): S3Answer {
  const tamper = tamperWith(fault, response);
  return {
    ...answer,
    ...(tamper !== undefined && { tamper }),
    ...(fault.kind === "unframed" && { isUnframed: true }),
  };
}

async function answerInstead(
  fault: Fault & { readonly kind: "answer" },
  call: S3Call,
  response: ServerResponse,
): Promise<S3Answer> {
  const isEarly = fault.at === "request-body";
  await drain(call, isEarly ? fault.afterBytes : Infinity);
  // Node would read the rest of the body by itself to keep the connection.
  if (isEarly) response.once("finish", () => response.socket?.end());
  const document =
    fault.code === undefined
      ? ""
      : renderXml(
          "Error",
          [
            ["Code", fault.code],
            ["Message", fault.message],
          ],
          "",
        );
  return {
    status: fault.status,
    text: fault.text ?? document,
    contentType: fault.contentType,
    headers: { ...fault.headers, ...(isEarly && { connection: "close" }) },
  };
}

async function drain({ body }: S3Call, mostBytes = Infinity): Promise<void> {
  let bytes = 0;
  if (mostBytes === 0) return;
  for await (const chunk of body.chunks()) {
    bytes += chunk.length;
    if (bytes >= mostBytes) return;
  }
}

/** The head is out before the spaces, so the answer has no length of its own. */
async function sendSpaces(
  { count, everyMs }: Fault & { readonly kind: "spaces" },
  answer: S3Answer,
  response: ServerResponse,
): Promise<S3Answer> {
  response.setHeader("content-type", "application/xml");
  response.writeHead(200);
  const [declaration = "", document = ""] = (answer.text ?? "").split(/(?<=\?>)/);
  response.write(declaration);
  for (let n = 0; n < count && !response.destroyed; n += 1) {
    response.write(" ");
    await sleep(everyMs);
  }
  return { ...answer, text: document };
}

function shiftedRange(
  { byBytes, totalBytes }: Fault & { readonly kind: "shift-range" },
  { headers = {} }: S3Answer,
): Record<string, string> {
  const [, first, last, total] =
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(headers["content-range"])) ?? [];
  if (first === undefined || last === undefined) return {};
  const range = `${Number(first) + byBytes}-${Number(last) + byBytes}`;
  return { "content-range": `bytes ${range}/${totalBytes ?? total}` };
}

/** Of the part that was just stored, or of the object. */
async function flipStored(
  { atByte, bit }: Fault & { readonly kind: "flip" },
  { store, bucket, key, query }: S3Call,
): Promise<void> {
  const number = query.get("partNumber");
  const content = query.get("uploadId") ?? store.objects.find(bucket, key)?.content ?? "";
  const part =
    number === null || number === undefined
      ? store.parts
          .all(content)
          .find(({ startBytes, sizeBytes }) => startBytes + sizeBytes > atByte)
      : store.parts.find(content, Number(number));
  if (part === undefined) return;
  await flipBitOfFile(store.files.path(part.file), atByte - part.startBytes, bit);
}
