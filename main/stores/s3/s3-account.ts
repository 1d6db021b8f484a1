import type { Clock } from "../../flow/clock.ts";
import type { CredentialProvider } from "../../profiles/credentials.ts";
import { RequestSigner } from "./request-signer.ts";
import { accountAddressOf } from "./s3-address.ts";
import type { S3Location } from "./s3-address.ts";
import { S3Control } from "./s3-control.ts";
import type { RouteTo } from "./s3-control.ts";
import { listBucketNames } from "./s3-listing.ts";
import { ServerClock } from "./server-clock.ts";

export type S3AccountOptions = S3Location & {
  readonly credentials: CredentialProvider;
  readonly clock: Clock;
  /** For each address of the endpoint; 5 s unless told. */
  readonly connectTimeoutMs?: number;
  readonly routeTo?: RouteTo | undefined;
};

/** The names of the buckets that the keys may list. @throws {LonghaulError} `access-denied`, … */
export async function listBuckets(
  options: S3AccountOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { region, credentials, connectTimeoutMs = 5000 } = options;
  const signer = new RequestSigner(credentials, region, new ServerClock(options.clock));
  const control = new S3Control({
    address: accountAddressOf(options),
    bucket: "",
    region,
    signer,
    connectTimeoutMs,
    routeTo: options.routeTo,
  });
  return listBucketNames(control, signal);
}
