import { z } from "zod";

/**
 * What a sandbox store does wrong on purpose, as data: rules from requests to faults, and habits of
 * other providers. For tests only; a practice bucket never has one.
 *
 *     { "rules": [{ "on": { "op": "GetObject", "start": 16777216 }, "times": 2,
 *                   "fault": { "kind": "break", "how": "reset", "at": "response-body", "afterBytes": 4096 } }] }
 */

/** Where in an exchange something happens; the order is that of the exchange. */
const Point = z.enum([
  /** The head was read, nothing of the body. */
  "head",
  /** `afterBytes` of the request's body were read. */
  "request-body",
  /** The whole request was read, and nothing done. */
  "request-end",
  /** What was asked is done, and nothing of an answer sent. */
  "effect",
  /** The head of the answer and `afterBytes` of its body are sent. */
  "response-body",
]);

const AfterBytes = z.int().nonnegative().default(0);

export const Fault = z.discriminatedUnion("kind", [
  /**
   * An answer in place of the real one; nothing is done. With `code` it is S3's error document, with
   * any status, 200 included; with `text` it is that text.
   */
  z.strictObject({
    kind: z.literal("answer"),
    status: z.int().min(200).max(599),
    code: z.string().optional(),
    message: z.string().default(""),
    text: z.string().optional(),
    contentType: z.string().default("application/xml"),
    headers: z.record(z.string(), z.string()).default({}),
    /** `request-body`: says it after so many bytes and closes the connection without reading on. */
    at: z.enum(["request-body", "request-end"]).default("request-end"),
    afterBytes: AfterBytes,
  }),
  /** `reset`: RST. `close`: FIN. `silence`: neither reads nor writes any more. */
  z.strictObject({
    kind: z.literal("break"),
    how: z.enum(["reset", "close", "silence"]),
    at: Point,
    afterBytes: AfterBytes,
  }),
  /** The body of the answer comes at this pace. */
  z.strictObject({ kind: z.literal("trickle"), bytesPerSecond: z.number().positive() }),
  /** The answer comes so much later; the client sees silence. */
  z.strictObject({ kind: z.literal("delay"), ms: z.int().nonnegative() }),
  /** Spaces before the document of the answer, as S3 sends them while it completes an upload. */
  z.strictObject({
    kind: z.literal("spaces"),
    count: z.int().positive(),
    everyMs: z.int().positive(),
  }),
  /** Changes the head of the real answer; null takes a header away. */
  z.strictObject({
    kind: z.literal("alter"),
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string(), z.string().nullable()).default({}),
  }),
  /** A Content-Range that is off by this many bytes, with another total if given. */
  z.strictObject({
    kind: z.literal("shift-range"),
    byBytes: z.int().default(0),
    totalBytes: z.int().nonnegative().optional(),
  }),
  /** The request is served as if it had not these headers: `range`, `if-match`, … */
  z.strictObject({ kind: z.literal("ignore"), headers: z.array(z.string()).min(1) }),
  /** The body of the answer has no length and ends with the connection, after `afterBytes` if given. */
  z.strictObject({ kind: z.literal("unframed"), afterBytes: z.int().nonnegative().optional() }),
  /** The document of the answer ends early, as if it were whole. */
  z.strictObject({ kind: z.literal("truncate"), keepBytes: z.int().nonnegative() }),
  /**
   * One bit is wrong. `received`: on its way here, before anything is checked. `stored`: at rest,
   * after everything was checked. `sent`: on its way back.
   */
  z.strictObject({
    kind: z.literal("flip"),
    where: z.enum(["received", "stored", "sent"]),
    /** Of the body that the request or answer has; beyond its end: of its last byte. */
    atByte: z.int().nonnegative(),
    bit: z.int().min(0).max(7).default(0),
  }),
  /** Raw bytes on the socket in place of an answer, and the connection is closed. */
  z.strictObject({ kind: z.literal("raw"), text: z.string() }),
]);
export type Fault = z.infer<typeof Fault>;

/** Which requests; what is left out fits all. */
const FaultTarget = z.strictObject({
  /** S3's names: `UploadPart`. */
  op: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  bucket: z.string().optional(),
  /** `*` stands for any characters. */
  key: z.string().optional(),
  /** Part number, from 1. */
  part: z.int().positive().optional(),
  /** First byte of the range that is asked for. */
  start: z.int().nonnegative().optional(),
  /** The session token that it is signed with: `one` stands for keys that are spent, say. */
  token: z.string().optional(),
  /** How often the very same was asked for, this time included: `[1, 3]` is the first three times. */
  attempt: z.tuple([z.int().positive(), z.int().positive()]).optional(),
});

export const FaultRule = z.strictObject({
  /** What the rig calls it where it says how often it was used. */
  name: z.string().optional(),
  on: FaultTarget.default({}),
  /** Requests that fit and are let pass first. */
  skip: z.int().nonnegative().default(0),
  /** Requests that are then met; null is all. */
  times: z.int().positive().nullable().default(1),
  /** Of those, a share by lot, the same lot in every run. */
  chance: z.number().min(0).max(1).default(1),
  fault: Fault,
});
export type FaultRule = z.infer<typeof FaultRule>;

/** Habits of providers, for all requests. */
const Quirks = z.strictObject({
  /** All parts but the last must be of one size, as on R2. */
  equalPartsOnly: z.boolean().default(false),
  /** Checksum headers: `ignored` without a word, or `refused`. */
  checksums: z.enum(["kept", "ignored", "refused"]).default("kept"),
  /** If-Match and If-None-Match of writes are taken and not honoured. */
  noConditions: z.boolean().default(false),
  unquotedEtags: z.boolean().default(false),
  /** ETags of objects are no MD5 of anything, as under SSE-KMS; those of parts are. */
  opaqueEtags: z.boolean().default(false),
  /** Parts of a higher number are refused, as by Scaleway; null is S3's 10,000. */
  maxParts: z.int().positive().nullable().default(null),
  /** Smaller parts, but for the last, are refused at Complete, as by Storj; null is S3's 5 MiB. */
  minPartBytes: z.int().positive().nullable().default(null),
  /** `list-type=2` is not known and answered as version 1. */
  listV1Only: z.boolean().default(false),
  /** Names on a page of a listing; null is what is asked for. */
  mostKeys: z.int().positive().nullable().default(null),
  noAttributes: z.boolean().default(false),
});
export type Quirks = z.infer<typeof Quirks>;

export const FaultScript = z.strictObject({
  /** The first that fits is used, one a request. */
  rules: z.array(FaultRule).default([]),
  quirks: Quirks.prefault({}),
  /** How much the server's clock is ahead, in its Date headers and in what it accepts. */
  clockAheadSeconds: z.number().default(0),
  /** Signatures may be this old; null is S3's 15 minutes. */
  maxSkewSeconds: z.number().positive().nullable().default(null),
  /** The region that signatures must name; null is the server's own. */
  region: z.string().nullable().default(null),
});
export type FaultScript = z.infer<typeof FaultScript>;

/** A script as people write it: without what is left to the defaults. */
export type FaultScriptInput = z.input<typeof FaultScript>;
export type FaultRuleInput = z.input<typeof FaultRule>;

/** What `GET /` of the control socket answers. */
export const FaultReport = z.strictObject({
  /** How often each rule of the script was used, in order. */
  used: z.array(z.int().nonnegative()),
});
export type FaultReport = z.infer<typeof FaultReport>;
