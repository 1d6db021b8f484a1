import { afterEach, describe, expect, it, vi } from "vitest";
import { openScriptedServer, storeOn, xmlAnswer } from "./scripted-server.ts";
import type { ScriptedServer } from "./scripted-server.ts";
import { meaningfulHeaders, queryPairs } from "./sdk-client.ts";

const never = new AbortController().signal;
const FIRST = { prefix: "", isFolded: false, cursor: null, limit: 10 } as const;

let server: ScriptedServer | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
});

describe("the SDK behind a profile", () => {
  it("takes nothing from this machine's environment or files", async () => {
    const variables = {
      AWS_ENDPOINT_URL: "http://elsewhere.invalid",
      AWS_ENDPOINT_URL_S3: "http://elsewhere.invalid",
      AWS_REGION: "eu-west-9",
      AWS_DEFAULT_REGION: "eu-west-9",
      AWS_PROFILE: "nonesuch",
      AWS_ACCESS_KEY_ID: "AKIAELSEWHERE",
      AWS_SECRET_ACCESS_KEY: "elsewhere",
      AWS_USE_DUALSTACK_ENDPOINT: "true",
      AWS_USE_FIPS_ENDPOINT: "true",
      AWS_REQUEST_CHECKSUM_CALCULATION: "nonsense",
      AWS_RETRY_MODE: "nonsense",
      AWS_MAX_ATTEMPTS: "9",
      AWS_CONFIG_FILE: "/dev/null/nothing",
      AWS_SDK_UA_APP_ID: "x".repeat(99),
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    server = await openScriptedServer(() => xmlAnswer("<ListBucketResult/>"));
    expect(await storeOn(server).list(FIRST, never)).toMatchObject({ objects: [] });
    expect(server.requests).toHaveLength(1);
    const { authorization = "" } = server.requests[0]?.headers ?? {};
    expect(authorization).toContain("Credential=AKID/20260101/us-east-1/s3/aws4_request");
    expect(authorization).not.toContain("ELSEWHERE");
  });

  it("signs one request for many calls at once, each with its own answer", async () => {
    server = await openScriptedServer(({ query }) =>
      xmlAnswer(
        "<ListBucketResult><Contents><Size>1</Size>" +
          `<Key>${query.get("prefix")}</Key></Contents></ListBucketResult>`,
      ),
    );
    const store = storeOn(server);
    const prefixes = Array.from({ length: 30 }, (_, index) => `p${index}`);
    const pages = await Promise.all(
      prefixes.map(async (prefix) => store.list({ ...FIRST, prefix }, never)),
    );
    expect(pages.map((page) => page.objects[0]?.key)).toEqual(prefixes);
  });

  it("tells apart calls that share a signal", async () => {
    server = await openScriptedServer(({ query }) =>
      query.has("uploads")
        ? { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }
        : { status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" },
    );
    const store = storeOn(server);
    const [list, upload] = await Promise.allSettled([
      store.list(FIRST, never),
      store.openUpload("k", { partSizeBytes: 1 }, never),
    ]);
    expect(list).toMatchObject({ reason: { details: { action: "s3:ListBucket" } } });
    expect(upload).toMatchObject({ reason: { details: { action: "s3:PutObject", key: "k" } } });
  });
});

describe("what the SDK wrote", () => {
  it("keeps its query, but not the part that only its logs need", () => {
    const query = { "x-id": "GetObject", uploads: "", attributes: null, a: ["1", "2"] };
    expect(queryPairs(query)).toEqual([
      ["uploads", ""],
      ["attributes", ""],
      ["a", "1"],
      ["a", "2"],
    ]);
    expect(queryPairs(undefined)).toEqual([]);
  });

  it("keeps its headers, but not its reports about this machine", () => {
    const headers = {
      host: "h",
      "User-Agent": "aws-sdk-js",
      "x-amz-user-agent": "aws-sdk-js",
      "amz-sdk-request": "attempt=1",
      "Content-Type": "application/xml",
      "x-amz-meta-a": "b",
    };
    expect(meaningfulHeaders(headers)).toEqual({
      "content-type": "application/xml",
      "x-amz-meta-a": "b",
    });
  });
});
