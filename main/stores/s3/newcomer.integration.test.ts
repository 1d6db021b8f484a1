import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toErrorInfo } from "#shared/errors.ts";
import { systemClock } from "../../flow/clock.ts";
import type { Clock } from "../../flow/clock.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import type { Credentials } from "../../profiles/credentials.ts";
import { startSandbox } from "../../profiles/sandbox-process.ts";
import type { SandboxProcess } from "../../profiles/sandbox-process.ts";
import { createS3Store } from "./s3-store.ts";
import type { S3Store, S3StoreOptions } from "./s3-store.ts";

const never = new AbortController().signal;

let folder = "";
let sandbox: SandboxProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "longhaul-newcomer-"));
  sandbox = await startSandbox(
    { dir: join(folder, "store"), keysFile: join(folder, "keys.json"), buckets: ["models"] },
    never,
  );
}, 60_000);
afterAll(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 9 });
});

function open(more: Partial<S3StoreOptions> = {}): S3Store {
  return createS3Store({
    endpoint: new URL(sandbox.endpoint),
    region: sandbox.region,
    addressing: "auto",
    bucket: "models",
    credentials: fixedCredentials(sandbox.credentials),
    clock: systemClock,
    isConditionHonoured: true,
    ...more,
  });
}

function withKeys(more: Partial<Credentials>): Partial<S3StoreOptions> {
  return { credentials: fixedCredentials({ ...sandbox.credentials, ...more }) };
}

/** What a call fails with, as a host sees it. */
async function failureOf(call: Promise<unknown>) {
  return call.then(
    () => expect.unreachable("it worked"),
    (thrown: unknown) => toErrorInfo(thrown),
  );
}

/** Every first call that a transfer may make, so that each has the right reason. */
const FIRST_CALLS: readonly [name: string, call: (store: S3Store) => Promise<unknown>][] = [
  ["stat", async (store) => store.stat("k", never)],
  [
    "list",
    async (store) => store.list({ prefix: "", isFolded: true, cursor: null, limit: 9 }, never),
  ],
  ["openUpload", async (store) => store.openUpload("k", { partSizeBytes: 5 }, never)],
  ["remove", async (store) => store.remove("k", never)],
];

describe.each(FIRST_CALLS)("what a newcomer gets wrong, met by %s", (_name, call) => {
  it("is a wrong access key", async () => {
    const info = await failureOf(call(open(withKeys({ accessKeyId: "AKIATYPO" }))));
    expect(info).toMatchObject({
      code: "credentials-wrong",
      details: { cause: "InvalidAccessKeyId", bucket: "models", endpoint: sandbox.endpoint },
    });
  });

  it("is a wrong secret, which is repeated nowhere", async () => {
    const store = open(
      withKeys({ secretAccessKey: "canary-secret", sessionToken: "canary-token" }),
    );
    const thrown: unknown = await call(store).catch((error: unknown) => error);
    expect(toErrorInfo(thrown)).toMatchObject({ code: "credentials-wrong" });
    expect(JSON.stringify([toErrorInfo(thrown), thrown, String(thrown)])).not.toContain("canary");
  });

  it("is a wrong region, and the answer names the right one", async () => {
    const info = await failureOf(call(open({ region: "eu-west-9" })));
    expect(info).toMatchObject({
      code: "wrong-region",
      details: { region: sandbox.region, askedRegion: "eu-west-9" },
    });
  });

  it("is a bucket that does not exist", async () => {
    const info = await failureOf(call(open({ bucket: "modells" })));
    expect(info).toMatchObject({ code: "bucket-missing", details: { bucket: "modells" } });
  });

  it("is no key at all where one is needed", async () => {
    const info = await failureOf(call(open({ credentials: fixedCredentials(null) })));
    expect(info).toMatchObject({ code: "access-denied" });
  });

  it("is an endpoint that nobody answers at", async () => {
    const endpoint = new URL("http://127.0.0.1:1");
    expect(await failureOf(call(open({ endpoint })))).toMatchObject({
      code: "unreachable",
      details: { endpoint: "http://127.0.0.1:1", cause: "ECONNREFUSED" },
    });
  });

  it("is an endpoint with a typing error", async () => {
    const endpoint = new URL("http://sandbxo.invalid");
    expect(await failureOf(call(open({ endpoint })))).toMatchObject({ code: "unknown-host" });
  });

  it("is TLS where there is none", async () => {
    const endpoint = new URL(sandbox.endpoint.replace("http:", "https:"));
    expect(await failureOf(call(open({ endpoint })))).toMatchObject({ code: "protocol" });
  });
});

describe("a machine whose clock is off by hours", () => {
  it.each([-3, 3])("works all the same (%i h)", async (hours) => {
    const wallMs = () => Date.now() + hours * 3_600_000;
    const clock: Clock = { ...systemClock, wallMs };
    const store = open({ clock });
    const upload = await store.openUpload("late", { partSizeBytes: 5 }, never);
    await store.abort(upload, never);
    await expect(store.stat("absent", never)).rejects.toMatchObject({ code: "object-missing" });
  });
});
