import { S3Client } from "@aws-sdk/client-s3";
import type { QueryPair } from "./sigv4.ts";

/** A request as the SDK wrote it, unsigned. */
export type SdkRequest = {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export type SdkAnswer = {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
};

export type SdkTransport = (request: SdkRequest, signal: AbortSignal) => Promise<SdkAnswer>;

/**
 * The SDK as what it is good at: S3's XML, both ways. Signing, clock, sockets, deadlines, errors and
 * retries are the transport's and the caller's. Everything that it would read from `~/.aws` or the
 * environment is said here, since a profile of Longhaul's is complete in itself.
 */
export function createSdkClient(
  place: { endpoint: string; region: string; isPathStyle: boolean },
  transport: SdkTransport,
): S3Client {
  return new S3Client({
    endpoint: place.endpoint,
    region: place.region,
    forcePathStyle: place.isPathStyle,
    // Unused: `signer` lets requests pass, the transport signs them.
    credentials: { accessKeyId: "unused", secretAccessKey: "unused" },
    signer: { sign: async (request) => request },
    requestHandler: {
      handle: async (request: SdkRequest, options: { abortSignal?: AbortSignal } = {}) => ({
        response: await transport(request, options.abortSignal ?? new AbortController().signal),
      }),
    },
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    followRegionRedirects: false,
    disableS3ExpressSessionAuth: true,
    disableMultiregionAccessPoints: true,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    authSchemePreference: [],
    sigv4aSigningRegionSet: [],
    userAgentAppId: async () => undefined,
  });
}

/** The query without `x-id`, which only the SDK's own logs need and GCS refuses. */
export function queryPairs(query: SdkRequest["query"]): QueryPair[] {
  return Object.entries(query ?? {})
    .filter(([name]) => name !== "x-id")
    .flatMap(([name, value]): QueryPair[] => {
      if (value === null || typeof value === "string") return [[name, value ?? ""]];
      return value.map((each): QueryPair => [name, each]);
    });
}

/** Headers that carry meaning: not the SDK's reports about itself. */
export function meaningfulHeaders(headers: SdkRequest["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !SDK_HEADERS.has(name)),
  );
}

const SDK_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "user-agent",
  "x-amz-user-agent",
  "amz-sdk-invocation-id",
  "amz-sdk-request",
]);
