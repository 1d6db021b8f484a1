import { LonghaulError } from "#shared/errors.ts";
import type { Rung } from "#shared/transfer.ts";
import { MiB } from "../bytes/sizes.ts";
import type { GetOperation, ObjectFacts, ObjectInfo, Store } from "../stores/store.ts";
import type { DigestAlgorithm } from "../wire/wire.ts";
import type { FetchMeans } from "./fetch-range.ts";
import { plainMd5 } from "./find-ours.ts";
import type { Proof } from "./prove-whole.ts";
import { noteMd5Etag } from "./prove-whole.ts";
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
  /** Null where only the file as a whole can be judged, by what the origin does not promise. */
  readonly proof: Proof | null;
  readonly facts: ObjectFacts;
};

/**
 * What the last small object of a store could be compared with. The next one most likely can, too:
 * bytes digested as they come need not be read again.
 */
const USUAL = new WeakMap<Store, DigestAlgorithm>();

const RUNGS: Readonly<Record<DigestAlgorithm, Rung>> = {
  sha256: "part-sha256",
  md5: "md5-etag",
  crc32: "full-crc",
  crc32c: "full-crc",
  crc64nvme: "full-crc",
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

async function receiveWhole(means: FetchMeans, signal: AbortSignal): Promise<Whole | null> {
  const { object, path, tools } = means;
  const { store, wire, meter, observer } = tools;
  const range = { start: 0, end: object.sizeBytes };
  const giveBack = await takeTurn(tools, signal);
  observer.started(range);
  try {
    const operation = { kind: "get", object, range: null } as const;
    const { request, expect } = await store.sign(operation, signal);
    const algorithm = USUAL.get(store) ?? "sha256";
    const target = { path, ...range };
    const order = { request, expect, target, cuts: [range.end], algorithm, meter };
    const received = await wire.receive(order, signal);
    if (received.outcome === "unasked") return null;
    if (received.outcome === "refused") throw store.explainRefusal(operation, received.response);
    if (received.outcome === "cut") {
      observer.movedTwice(received.receivedBytes);
      throw received.error;
    }
    const said = bestSaid(store, operation, received.headers);
    const found = { algorithm, digest: received.digests[0] };
    return {
      ...(await judge(said, found, means, signal)),
      facts: store.readFacts(received.headers),
    };
  } finally {
    observer.settled(range);
    giveBack();
  }
}

/** Hex, in lower case. */
type Said = { readonly algorithm: DigestAlgorithm; readonly digest: string };

/** The best that an origin says of a whole object; null where it says nothing. */
function bestSaid(
  store: Store,
  operation: GetOperation,
  headers: Readonly<Record<string, string>>,
): Said | null {
  const sha256 = store.readSha256(operation, headers);
  if (sha256 !== null) return { algorithm: "sha256", digest: sha256 };
  const said = store.readCrc(operation, headers);
  if (said !== null) return { algorithm: said.algorithm, digest: said.crc };
  const md5 = plainMd5(operation.object.etag);
  return md5 === undefined ? null : { algorithm: "md5", digest: md5 };
}

async function judge(
  said: Said | null,
  found: { readonly algorithm: DigestAlgorithm; readonly digest: string | undefined },
  { object, path, tools }: FetchMeans,
  signal: AbortSignal,
): Promise<Omit<Whole, "facts">> {
  if (said === null) return { proof: null, isRight: true };
  const { algorithm } = said;
  USUAL.set(tools.store, algorithm);
  const isAtHand = found.algorithm === algorithm;
  const isEqual = isAtHand && found.digest === said.digest;
  if (algorithm === "md5") {
    // Another one says nothing: an ETag may be anything.
    if (!isEqual) return { proof: null, isRight: true };
    noteMd5Etag(tools.store);
  }
  const sha256 = algorithm === "sha256" ? said.digest : null;
  const proof = { rung: RUNGS[algorithm], sha256, partCount: 1 };
  if (isAtHand) return { proof, isRight: isEqual };
  // Which one it is the head has told, and by then the bytes were on their way.
  const source = { path, start: 0, end: object.sizeBytes };
  const order = { source, algorithm, meter: tools.meter, isBeingWritten: true };
  return { proof, isRight: (await tools.wire.digest(order, signal)) === said.digest };
}
