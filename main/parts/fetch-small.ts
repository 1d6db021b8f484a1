import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import type { ObjectFacts, ObjectInfo } from "../stores/store.ts";
import type { FetchMeans } from "./fetch-range.ts";
import { takeTurn } from "./take-turn.ts";

/** Cheaper to ask for again than to journal, and than to ask for digests of. */
const SMALL_BYTES = MiB;

/** Bytes that arrive wrong this often are wrong at the origin, or in this machine. */
const MAX_WRONG = 2;

/** One request brings such an object, and with the answer whatever digest the origin has. */
export function isSmall(
  { sizeBytes, etag }: Pick<ObjectInfo, "sizeBytes" | "etag">,
  maxRangeBytes: number,
): boolean {
  const isOnePut = !/-\d+"?$/u.test(etag);
  return isOnePut && sizeBytes > 0 && sizeBytes <= Math.min(SMALL_BYTES, maxRangeBytes);
}

/** A small object that is in the file. */
export type Small = {
  /** Hex, where the origin said it and the bytes are so; else null. */
  readonly sha256: string | null;
  /** The bytes have the CRC that the origin said. */
  readonly hasCrc: boolean;
  readonly facts: ObjectFacts;
};

/**
 * Moves a small object into the file, in one request that is repeated as a whole.
 *
 * @returns null when the cap has fallen so far that it must go in ranges; nothing was moved then.
 * @throws {LonghaulError} what the store or the wire said last; `corrupt` for bytes that are wrong
 * twice.
 */
export async function fetchSmall(means: FetchMeans, signal: AbortSignal): Promise<Small | null> {
  const { object, landing, tools } = means;
  const whole = { start: 0, end: object.sizeBytes };
  const attempt = () => receiveWhole(means, signal);
  for (let wrong = 0; wrong < MAX_WRONG; wrong += 1) {
    const received = await tools.retry.run(1, attempt, signal);
    if (received === null) return null;
    if (received.isRight) {
      await landing.wrote(whole);
      tools.observer.done(whole, false);
      return received;
    }
    tools.observer.movedTwice(object.sizeBytes);
  }
  throw new LonghaulError("corrupt", `${object.key} is not what the origin says`, {
    details: { key: object.key, cause: "sha256" },
  });
}

type Whole = Small & {
  /** Nothing is known against it. */
  readonly isRight: boolean;
};

async function receiveWhole(
  { object, path, tools }: FetchMeans,
  signal: AbortSignal,
): Promise<Whole | null> {
  const { store, wire, meter, observer } = tools;
  const range = { start: 0, end: object.sizeBytes };
  const giveBack = await takeTurn(tools, signal);
  observer.started(range);
  try {
    const operation = { kind: "get", object, range: null } as const;
    const { request, expect } = await store.sign(operation, signal);
    const order = { request, expect, target: { path, ...range }, cuts: [range.end], meter };
    const received = await wire.receive(order, signal);
    if (received.outcome === "unasked") return null;
    if (received.outcome === "refused") throw store.explainRefusal(operation, received.response);
    if (received.outcome === "cut") {
      observer.movedTwice(received.receivedBytes);
      throw received.error;
    }
    const sha256 = store.readSha256(operation, received.headers);
    const facts = store.readFacts(received.headers);
    if (sha256 !== null)
      return { sha256, facts, hasCrc: false, isRight: sha256 === received.digests[0] };
    const said = store.readCrc(operation, received.headers);
    if (said === null) return { sha256, facts, hasCrc: false, isRight: true };
    // Which CRC it is the head has told, and by then the bytes were on their way.
    const { algorithm } = said;
    const source = { path, ...range };
    const crc = await wire.digest({ source, algorithm, meter, isBeingWritten: true }, signal);
    return { sha256, facts, hasCrc: true, isRight: crc === said.crc };
  } finally {
    observer.settled(range);
    giveBack();
  }
}
