import type { Headers } from "./exchange.ts";
import { ProtocolError } from "./http-errors.ts";

/** More than any S3 answer has: names and values of metadata are 2 KiB at most. */
export const MOST_HEAD_BYTES = 64 * 1024;

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5: no control character but the tab. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What may stand between `METHOD` and `HTTP/1.1`. */
const TARGET = /^[\x21-\x7e]+$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/** RFC 9110 §15: No Content and Not Modified. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);
const DIGITS = /^\d{1,16}$/;

/** How the end of a body is known. */
export type Framing =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" };

export type AnswerHead = {
  readonly status: number;
  /** Names in lower case, repeated values joined by `, `. */
  readonly headers: Headers;
  readonly framing: Framing;
  /** The other side takes another request after this answer. */
  readonly isKept: boolean;
  /** For how long it says it does; null where it does not say. */
  readonly keptMs: number | null;
};

/**
 * The bytes before the body, in latin1, as RFC 9112 §3 and §5 have them.
 *
 * @param host For the `host` line, where the headers have none.
 * @throws {ProtocolError} for what cannot be sent without meaning something else.
 */
export function writeHead(request: {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: Headers;
}): string {
  const { method, target, host, headers } = request;
  if (!TOKEN.test(method) || !TARGET.test(target)) {
    throw new ProtocolError("ERR_INVALID_REQUEST", "a request that cannot be written");
  }
  let head = `${method} ${target} HTTP/1.1\r\n`;
  let hasHost = false;
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name) || !FIELD_VALUE.test(value)) {
      throw new ProtocolError("ERR_INVALID_REQUEST", `the header ${name} cannot be written`);
    }
    hasHost ||= name.toLowerCase() === "host";
    head += `${name}: ${value}\r\n`;
  }
  return `${head}${hasHost ? "" : `host: ${host}\r\n`}connection: keep-alive\r\n\r\n`;
}

/**
 * Reads the head of an answer, without the empty line that ends it. Nothing is forgiven that two
 * readers could take for two different answers (RFC 9112 §5 and §6.3).
 *
 * @param method Of the request: an answer to HEAD has no body.
 * @throws {ProtocolError}
 */
export function parseHead(text: string, method: string): AnswerHead {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const [, minor, statusText] = STATUS_LINE.exec(statusLine) ?? [];
  if (statusText === undefined) throw new ProtocolError("EPROTO", "no HTTP answer");
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = trim(line.slice(colon + 1));
    if (colon < 1 || !TOKEN.test(name) || !FIELD_VALUE.test(value)) {
      throw new ProtocolError("EPROTO", "a header line that is none");
    }
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  const status = Number(statusText);
  const options = (headers["connection"] ?? "").toLowerCase().split(/[ \t]*,[ \t]*/);
  const isKept = minor === "1" ? !options.includes("close") : options.includes("keep-alive");
  const framing = framingOf(status, headers, method);
  return {
    status,
    headers: { ...headers },
    framing,
    isKept: isKept && framing.kind !== "until-close",
    keptMs: keptMsOf(headers["keep-alive"]),
  };
}

function framingOf(status: number, headers: Headers, method: string): Framing {
  const length = headers["content-length"];
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && length !== undefined) {
    throw new ProtocolError("EPROTO", "a body of two lengths");
  }
  if (length !== undefined && !DIGITS.test(length)) {
    throw new ProtocolError("EPROTO", "a length that is no number");
  }
  if (method === "HEAD" || BODILESS.has(status) || status < 200)
    return { kind: "length", bytes: 0 };
  if (coding !== undefined) {
    if (coding.toLowerCase() === "chunked") return { kind: "chunked" };
    throw new ProtocolError("EPROTO", "a transfer encoding that nobody asked for");
  }
  if (length === undefined) return { kind: "until-close" };
  const bytes = Number(length);
  if (!Number.isSafeInteger(bytes)) throw new ProtocolError("EPROTO", "a length beyond counting");
  return { kind: "length", bytes };
}

/** `timeout=5, max=100` is 5 s. */
function keptMsOf(hint: string | undefined): number | null {
  const seconds = /(?:^|[ ,;])timeout=(\d{1,9})/i.exec(hint ?? "")?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/** Without the blanks around it, of which a tab is one. */
function trim(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}
