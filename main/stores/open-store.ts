import type { ProfileTestStep } from "#shared/contract.ts";
import type { EndpointTrust } from "#shared/network.ts";
import type { Profile } from "#shared/profile.ts";
import type { Clock } from "../flow/clock.ts";
import type { EndpointBook } from "../profiles/endpoint-book.ts";
import type { Route } from "../wire/route.ts";
import { fixedCredentials } from "../profiles/credentials.ts";
import type { CredentialProvider, Credentials } from "../profiles/credentials.ts";
import { RegionFollowingStore } from "./region-following-store.ts";
import { listBuckets } from "./s3/s3-account.ts";
import { parseEndpoint } from "./s3/s3-address.ts";
import type { S3Location } from "./s3/s3-address.ts";
import type { RouteTo } from "./s3/s3-control.ts";
import { createS3Store } from "./s3/s3-store.ts";
import { testConnection } from "./s3/test-connection.ts";
import type { Store } from "./store.ts";

/** The embedded store over a folder, started if it was not running. */
export type PracticePlace = {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
};

export type StorePorts = {
  readonly credentials: (profile: Profile) => CredentialProvider;
  readonly practice: (folder: string, signal: AbortSignal) => Promise<PracticePlace>;
  readonly clock: Clock;
  /** Told of minutes by which this machine's clock is ahead of an endpoint's; 0: right again. */
  readonly onSkew?: (profile: Profile, aheadMs: number) => void;
  /** Told of an endpoint that takes fewer parts than its profile says. */
  readonly onPartCap?: (profile: Profile, maxParts: number) => void;
  /** What was seen of endpoints; nothing is remembered where it is left out. */
  readonly endpoints?: Pick<EndpointBook, "of" | "learn">;
  /** For each address of an endpoint; 5 s unless told. */
  readonly connectTimeoutMs?: () => number;
  /** How an endpoint is reached now; undefined is the direct way. @throws {LonghaulError} `invalid` */
  readonly routeTo?: (
    origin: string,
    trust: EndpointTrust | undefined,
  ) => Promise<Route | undefined>;
};

/**
 * The store of one bucket under a profile. Keeps sockets and what it learns of the endpoint, so the
 * caller keeps it, too, for as long as the profile stays the same.
 *
 * @throws {LonghaulError} `invalid` for an endpoint, region or bucket that cannot be.
 */
export async function openStore(
  profile: Profile,
  bucket: string,
  ports: StorePorts,
  signal: AbortSignal,
): Promise<Store> {
  const place = await locate(profile, ports, signal);
  const isConditionHonoured = keepsConditions(profile.endpoint);
  const openIn = (region: string) =>
    createS3Store({
      ...place,
      ...(ports.connectTimeoutMs && { connectTimeoutMs: ports.connectTimeoutMs() }),
      region,
      bucket,
      isConditionHonoured,
      isRemovalConditional: keepsRemovalConditions(profile.endpoint),
      isConditionShown: () => isShown(profile.endpoint, ports),
      access: profile.access ?? {},
      onSkew: (aheadMs) => ports.onSkew?.(profile, aheadMs),
      maxParts: profile.maxParts,
      onPartCap: (maxParts) => ports.onPartCap?.(profile, maxParts),
    });
  return new RegionFollowingStore(place.region, openIn);
}

/** The buckets a profile may choose from: its only one, or all that its keys may list. */
export async function listBucketsOf(
  profile: Profile,
  ports: StorePorts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (profile.bucket !== null) return [profile.bucket];
  return listBuckets(await locate(profile, ports, signal), signal);
}

/** Tries a profile step by step; each step comes as soon as it is known. */
export async function* testProfile(
  profile: Profile,
  options: { readonly tryWrite: boolean },
  ports: StorePorts,
  signal: AbortSignal,
): AsyncGenerator<ProfileTestStep> {
  const place = await locate(profile, ports, signal);
  const { endpoint } = profile;
  const test = { ...place, ...options, bucket: profile.bucket, access: profile.access ?? {} };
  if (endpoint.kind !== "url" || keepsConditions(endpoint)) {
    yield* testConnection(test, signal);
    return;
  }
  const origin = originOf(endpoint.url);
  const onConditions = (isKept: boolean) =>
    ports.endpoints?.learn(origin, { keepsConditions: isKept });
  yield* testConnection({ ...test, onConditions }, signal);
}

/**
 * Servers that keep the conditions of a write, also at Complete. R2 documents both; others keep them
 * for a PUT at most, or say nothing. Told by the address and not by the preset, which is only what
 * somebody chose: a server that ignores a condition replaces whatever is there.
 */
const CONDITIONAL_HOSTS = /\.(?:amazonaws\.com|amazonaws\.com\.cn|r2\.cloudflarestorage\.com)$/iu;

/** Whether the conditions of a write may be left to the server; else it is asked first. */
export function keepsConditions(endpoint: Profile["endpoint"]): boolean {
  return endpoint.kind !== "url" || CONDITIONAL_HOSTS.test(new URL(endpoint.url).hostname);
}

const AWS_HOSTS = /\.amazonaws\.com(?:\.cn)?$/iu;

/** The same of deletions, which others than AWS take without looking at the condition. */
function keepsRemovalConditions(endpoint: Profile["endpoint"]): boolean {
  return endpoint.kind !== "url" || AWS_HOSTS.test(new URL(endpoint.url).hostname);
}

/** A write probe has shown it, with any profile that goes there. */
function isShown(endpoint: Profile["endpoint"], { endpoints }: StorePorts): boolean {
  if (endpoint.kind !== "url") return false;
  return endpoints?.of(originOf(endpoint.url)).keepsConditions === true;
}

function originOf(url: string): string {
  return new URL(url).origin;
}

async function locate(
  profile: Profile,
  ports: StorePorts,
  signal: AbortSignal,
): Promise<S3Location & { credentials: CredentialProvider; clock: Clock; routeTo?: RouteTo }> {
  const { endpoint, region, addressing } = profile;
  const { clock } = ports;
  if (endpoint.kind === "practice") {
    const place = await ports.practice(endpoint.folder, signal);
    return {
      endpoint: parseEndpoint(place.endpoint),
      region: place.region,
      addressing: "path",
      credentials: fixedCredentials(place.credentials),
      clock,
    };
  }
  return {
    endpoint: endpoint.kind === "aws" ? null : parseEndpoint(endpoint.url),
    region,
    addressing,
    credentials: ports.credentials(profile),
    clock,
    routeTo: async (origin) => await ports.routeTo?.(origin, profile.trust),
  };
}
