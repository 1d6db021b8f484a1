import { z } from "zod";
import { HostEvent } from "./contract.ts";
import { ErrorInfo } from "./errors.ts";
import { Profile, ProfileId } from "./profile.ts";
import { TransferId } from "./transfer.ts";

/**
 * How a process speaks with the one that runs the home: over a socket in a folder that only its
 * user may enter, one JSON message a line. The first line is a `LocalHello`; the answer is
 * `welcome`, `refused` or `yielding`. Then asks, in any number, answered in any order.
 */

/** Raised with every change after which an older program would misread a call or an event. */
export const CONTRACT_VERSION = 2;

/** Bytes of one line, either way. */
export const LOCAL_MESSAGE_MAX_BYTES = 16 * 1024 * 1024;

/** All that is read of a hello before the versions are known to be the same: this never changes. */
export const AnyHello = z.object({ contract: z.int() });

/** Keys that were read by the process that lends them. Held in memory, never written. */
export const LentKeys = z.strictObject({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().nullable(),
  expiresAtMs: z.number().nullable(),
});

/** A profile that only the asking process knows; null keys: the owner finds them as it does its own. */
export type LentKeys = z.infer<typeof LentKeys>;

export const LentProfile = z.strictObject({ profile: Profile, keys: LentKeys.nullable() });
export type LentProfile = z.infer<typeof LentProfile>;

export const LocalHello = z.strictObject({
  contract: z.int(),
  /** Runs everything unfinished (window, `serve`), or one command. */
  runs: z.enum(["all", "own"]),
  lent: z.array(LentProfile).max(8),
  /** What this process started before its last owner went. */
  started: z.array(TransferId).max(10_000),
});
export type LocalHello = z.infer<typeof LocalHello>;

const Bytes = z.int().nonnegative();

export const LocalAsk = z.discriminatedUnion("ask", [
  z.strictObject({
    ask: z.literal("call"),
    id: z.int(),
    name: z.string().max(64),
    input: z.unknown(),
  }),
  /** The three of a page's drop, see `IncomingDoor`. */
  z.strictObject({
    ask: z.literal("begin"),
    id: z.int(),
    ticket: z.string(),
    offsetBytes: Bytes,
    lengthBytes: Bytes,
  }),
  z.strictObject({ ask: z.literal("progress"), ticket: z.string(), offsetBytes: Bytes }),
  z.strictObject({ ask: z.literal("end"), id: z.int(), ticket: z.string(), offsetBytes: Bytes }),
  /** Are you there? Answered with `here` at once. */
  z.strictObject({ ask: z.literal("there") }),
  /** The answer to `renew`; null: there are none any more, or their source does not answer. */
  z.strictObject({ ask: z.literal("renewed"), question: z.int(), keys: LentKeys.nullable() }),
]);
export type LocalAsk = z.infer<typeof LocalAsk>;

const LocalReply = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: ErrorInfo }),
]);

/** What the owner sends. */
export const LocalMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("welcome") }),
  z.strictObject({ type: z.literal("refused"), error: ErrorInfo }),
  /** A command gives the home to a window or a `serve`, and attaches to it. */
  z.strictObject({ type: z.literal("yielding") }),
  z.strictObject({ type: z.literal("reply"), id: z.int(), reply: LocalReply }),
  z.strictObject({ type: z.literal("event"), event: HostEvent }),
  z.strictObject({ type: z.literal("here") }),
  /** Whether a window or a `serve` is attached, which is to have the home next. */
  z.strictObject({ type: z.literal("keeper"), isThere: z.boolean() }),
  /** Keys that were lent have expired, or were refused: their source is asked anew. */
  z.strictObject({ type: z.literal("renew"), question: z.int(), profileId: ProfileId }),
]);
export type LocalMessage = z.infer<typeof LocalMessage>;
