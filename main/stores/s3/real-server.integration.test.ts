import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, it } from "vitest";
import { systemClock } from "../../flow/clock.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import { describeStore } from "../store-suite.ts";
import { createS3Store } from "./s3-store.ts";

/**
 * The contract on a server that nobody here wrote:
 *
 *     LONGHAUL_TEST_S3_ENDPOINT=http://127.0.0.1:7480 LONGHAUL_TEST_S3_ACCESS_KEY=… \
 *     LONGHAUL_TEST_S3_SECRET_KEY=… npx vitest run main/stores/s3/real-server
 *
 * LONGHAUL_TEST_S3_REGION, `us-east-1` unless told. LONGHAUL_TEST_S3_CHECKSUMS=1: it keeps SHA-256.
 * LONGHAUL_TEST_S3_MAX_KEY: bytes of the longest key, 1024 unless told.
 * LONGHAUL_TEST_S3_CONDITIONS=1: it keeps conditions at Complete, too.
 */
const {
  LONGHAUL_TEST_S3_ENDPOINT: endpoint,
  LONGHAUL_TEST_S3_ACCESS_KEY: accessKeyId = "",
  LONGHAUL_TEST_S3_SECRET_KEY: secretAccessKey = "",
  LONGHAUL_TEST_S3_REGION: region = "us-east-1",
} = process.env;

if (endpoint === undefined) {
  describe("S3Store on a real server", () => {
    it.skip("needs LONGHAUL_TEST_S3_ENDPOINT", () => undefined);
  });
} else {
  describeStore(`S3Store on ${endpoint}`, async () => {
    const bucket = `longhaul-suite-${Date.now()}`;
    await createBucket(endpoint, bucket);
    const store = createS3Store({
      endpoint: new URL(endpoint),
      region,
      addressing: "auto",
      bucket,
      credentials: fixedCredentials({
        accessKeyId,
        secretAccessKey,
        sessionToken: null,
        expiresAtMs: null,
      }),
      clock: systemClock,
      isConditionHonoured: process.env["LONGHAUL_TEST_S3_CONDITIONS"] === "1",
    });
    const keepsSha256 = process.env["LONGHAUL_TEST_S3_CHECKSUMS"] === "1";
    const maxKeyBytes = Number(process.env["LONGHAUL_TEST_S3_MAX_KEY"] ?? 1024);
    return { store, keepsSha256, maxKeyBytes, close: async () => undefined };
  });
}

async function createBucket(url: string, bucket: string): Promise<void> {
  const client = new S3Client({
    endpoint: url,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}
