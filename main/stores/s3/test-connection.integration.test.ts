import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { ProfileTestStep } from "#shared/contract.ts";
import { FakeClock } from "../../flow/fake-clock.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import { listen } from "../../wire/fixtures.ts";
import { errorAnswer, openScriptedServer, SCRIPTED_WALL_MS, xmlAnswer } from "./scripted-server.ts";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "./scripted-server.ts";
import { testConnection } from "./test-connection.ts";
import type { ConnectionTest } from "./test-connection.ts";

const never = new AbortController().signal;
const LIST = xmlAnswer(
  "<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>",
);
const BUCKETS = xmlAnswer(
  "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket></Buckets></ListAllMyBucketsResult>",
);

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function run(
  answer: (request: ScriptedRequest) => ScriptedAnswer,
  more: Partial<ConnectionTest> = {},
): Promise<ProfileTestStep[]> {
  server = await openScriptedServer(answer);
  return collect({ endpoint: server.endpoint, ...more });
}

async function collect(more: Partial<ConnectionTest>, signal = never): Promise<ProfileTestStep[]> {
  const test: ConnectionTest = {
    endpoint: null,
    region: "us-east-1",
    addressing: "auto",
    bucket: "models",
    credentials: fixedCredentials({
      accessKeyId: "AKID",
      secretAccessKey: "canary-secret",
      sessionToken: null,
      expiresAtMs: null,
    }),
    clock: new FakeClock(SCRIPTED_WALL_MS),
    tryWrite: false,
    ...more,
  };
  const steps: ProfileTestStep[] = [];
  for await (const step of testConnection(test, signal)) steps.push(step);
  return steps;
}

function outcomes(steps: readonly ProfileTestStep[]): string {
  return steps.map(({ step, outcome }) => `${step} ${outcome}`).join(", ");
}

/** A server where everything works, but for what `special` answers. */
function healthy(special: (request: ScriptedRequest) => ScriptedAnswer | null) {
  return (request: ScriptedRequest): ScriptedAnswer => {
    const said = special(request);
    if (said) return said;
    if (request.target === "/") {
      return { status: 403, headers: { date: new Date(SCRIPTED_WALL_MS).toUTCString() } };
    }
    if (request.method === "PUT") return { status: 200, headers: { etag: '"e"' } };
    return request.method === "DELETE" ? { status: 204 } : LIST;
  };
}

const isList = ({ query }: ScriptedRequest) => query.has("list-type");

describe("testing a connection", () => {
  it("says of each step what was found", async () => {
    const steps = await run(healthy(() => null));
    expect(outcomes(steps)).toBe(
      "reach passed, clock passed, signature passed, list passed, write skipped",
    );
    expect(steps.map(({ found }) => found)).toEqual([
      expect.stringMatching(/^127\.0\.0\.1 answers on port \d+, without encryption$/),
      "the same time",
      "access key AKID is accepted",
      "1 names at the top",
      "not asked for",
    ]);
  });

  it("writes and removes one small object, only if asked", async () => {
    const steps = await run(
      healthy(() => null),
      { tryWrite: true },
    );
    expect(steps.at(-1)).toMatchObject({ outcome: "passed" });
    const written = server?.requests.filter(({ method }) => method !== "GET" && method !== "HEAD");
    expect(written?.map(({ method, target }) => [method, target])).toEqual([
      ["PUT", expect.stringMatching(/^\/models\/\.longhaul-test-[0-9a-f]{16}$/)],
      ["DELETE", written?.[0]?.target],
    ]);
  });

  it("tells when what it wrote could not be removed", async () => {
    const steps = await run(
      healthy(({ method }) => (method === "DELETE" ? errorAnswer(403, "AccessDenied") : null)),
      { tryWrite: true },
    );
    expect(steps.at(-1)).toMatchObject({
      outcome: "passed",
      found: expect.stringMatching(/could not be removed: access-denied$/),
    });
  });

  it("lists the buckets where none is named", async () => {
    const steps = await run(
      healthy(({ method, target }) => (method === "GET" && target === "/" ? BUCKETS : null)),
      { bucket: null, tryWrite: true },
    );
    expect(steps.slice(3)).toMatchObject([
      { outcome: "passed", found: "1 bucket" },
      { outcome: "skipped", found: "no bucket is named" },
    ]);
  });

  it("does not sign for nobody", async () => {
    const steps = await run(
      healthy(() => null),
      { credentials: fixedCredentials(null) },
    );
    expect(outcomes(steps)).toContain("signature skipped, list passed");
    expect(server?.requests.some(({ headers }) => "authorization" in headers)).toBe(false);
  });
});

describe("the probe of conditions", () => {
  const initiated = xmlAnswer(
    "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>",
  );
  const completed = xmlAnswer(
    "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
  );
  const failed = errorAnswer(412, "PreconditionFailed");
  const stored = { status: 200, headers: { etag: '"p"' }, body: "" };

  /** A server that keeps the named conditions and ignores the others. */
  async function probe(kept: readonly ("put" | "match" | "complete")[], refusal = failed) {
    const told: boolean[] = [];
    const steps = await run(
      healthy(({ method, target, headers }) => {
        const isKept = (name: "put" | "match" | "complete") => kept.includes(name);
        if (method === "POST" && /[?&]uploads/.test(target)) return initiated;
        if (method === "POST") return isKept("complete") ? refusal : completed;
        if (method !== "PUT") return null;
        if (headers["if-none-match"] === "*") return isKept("put") ? refusal : stored;
        if ("if-match" in headers) return isKept("match") ? refusal : stored;
        return stored;
      }),
      { tryWrite: true, onConditions: (isKept) => void told.push(isKept) },
    );
    return { told, found: steps.at(-1)?.found };
  }

  it("counts a server that keeps all of them, at the end of an upload, too", async () => {
    const { told, found } = await probe(["put", "match", "complete"]);
    expect([told, found]).toEqual([
      [true],
      "one small object written and removed, conditions of writes are kept",
    ]);
    const methods = server?.requests.map(({ method, target }) => `${method} ${target}`) ?? [];
    expect(methods.filter((one) => one.startsWith("DELETE"))).toHaveLength(2);
  });

  it.each([
    ["of a PUT", ["match", "complete"]],
    ["of replacing", ["put", "complete"]],
    ["at the end of an upload", ["put", "match"]],
  ] as const)("does not count one that forgets that %s", async (_, kept) => {
    const { told, found } = await probe(kept);
    expect(told).toEqual([false]);
    expect(found).toContain("writes are not atomic here");
  });

  it("claims nothing where it could not be told", async () => {
    const { told, found } = await probe(["put"], errorAnswer(403, "AccessDenied"));
    expect(told).toEqual([]);
    expect(found).toContain("could not be tried: access-denied");
  });
});

describe("a test that fails", () => {
  it.each<[name: string, answer: ScriptedAnswer, error: string]>([
    ["a wrong key", errorAnswer(403, "InvalidAccessKeyId"), "credentials-wrong"],
    ["a wrong secret", errorAnswer(403, "SignatureDoesNotMatch"), "credentials-wrong"],
    ["a web server", { status: 200, body: "<html></html>" }, "protocol"],
  ])("stops at the signature: %s", async (_name, answer, code) => {
    const steps = await run(healthy((request) => (isList(request) ? answer : null)));
    expect(outcomes(steps)).toBe(
      "reach passed, clock passed, signature failed, list skipped, write skipped",
    );
    expect(steps[2]?.error).toMatchObject({ code });
    expect(steps[3]?.found).toBe("not tried, since signature failed");
    expect(JSON.stringify(steps)).not.toContain("canary");
  });

  it("names the region where the bucket is", async () => {
    const elsewhere = {
      status: 400,
      body: "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>",
    };
    const steps = await run(healthy((request) => (isList(request) ? elsewhere : null)));
    expect(steps[2]).toMatchObject({
      found: "the bucket is in eu-west-1",
      error: { code: "wrong-region", details: { region: "eu-west-1" } },
    });
  });

  it("tells a good signature from a missing bucket", async () => {
    const steps = await run(
      healthy((request) => (isList(request) ? errorAnswer(404, "NoSuchBucket") : null)),
      { tryWrite: true },
    );
    expect(outcomes(steps)).toContain("signature passed, list failed, write skipped");
    expect(steps[3]?.error).toMatchObject({ code: "bucket-missing" });
  });

  it("still tries to write with keys that may not list", async () => {
    const steps = await run(
      healthy((request) => (isList(request) ? errorAnswer(403, "AccessDenied") : null)),
      { tryWrite: true },
    );
    expect(outcomes(steps)).toContain("signature passed, list failed, write passed");
  });

  it("says that a clock is off, and that the rest works all the same", async () => {
    const steps = await run(
      healthy(() => null),
      {
        clock: new FakeClock(SCRIPTED_WALL_MS + 9 * 60_000),
      },
    );
    expect(outcomes(steps)).toContain("clock failed, signature passed, list passed");
    expect(steps[1]).toMatchObject({
      found: "9 min ahead",
      error: { code: "clock-skewed", details: { clockAheadSeconds: 540 } },
    });
  });
});

describe("an endpoint that cannot be reached", () => {
  it.each<[url: string, code: string, found: string]>([
    ["http://127.0.0.1:1", "unreachable", "ECONNREFUSED"],
    ["http://nowhere.invalid", "unknown-host", "ENOTFOUND"],
  ])("%s is %s", async (url, code, found) => {
    const steps = await collect({ endpoint: new URL(url) });
    expect(steps[0]).toMatchObject({ outcome: "failed", found, error: { code } });
    expect(outcomes(steps.slice(1))).toBe(
      "clock skipped, signature skipped, list skipped, write skipped",
    );
  });

  it("does not speak TLS where it is said to", async () => {
    server = await openScriptedServer(() => ({ status: 200 }));
    const endpoint = new URL(server.endpoint.href.replace("http:", "https:"));
    const [reach] = await collect({ endpoint });
    expect(reach).toMatchObject({ outcome: "failed", error: { code: "protocol" } });
  });

  it("is not waited for once the test is canceled", async () => {
    server = await openScriptedServer(() => "silence");
    const cancel = new AbortController();
    const endpoint = server.endpoint;
    const steps = testConnection(
      {
        endpoint,
        region: "r",
        addressing: "path",
        bucket: "models",
        credentials: fixedCredentials(null),
        clock: new FakeClock(),
        tryWrite: false,
      },
      cancel.signal,
    );
    await steps.next();
    const clock = steps.next();
    cancel.abort();
    await expect(clock).rejects.toMatchObject({ name: "AbortError" });
  });
});

it("asks as a transfer of the profile would: who must own the bucket, and who pays", async () => {
  const asked: ScriptedRequest[] = [];
  await run(
    healthy((request) => {
      asked.push(request);
      return null;
    }),
    { tryWrite: true, access: { expectedBucketOwner: "123456789012", requesterPays: true } },
  );
  const said = asked
    .filter(({ target }) => target !== "/")
    .map(({ headers }) => [headers["x-amz-expected-bucket-owner"], headers["x-amz-request-payer"]]);
  expect(said.length).toBeGreaterThan(3);
  expect(new Set(said.map(String))).toEqual(new Set(["123456789012,requester"]));
});

it("leaves no connection behind that comes about after nobody waits for it", async () => {
  const [asked, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // It never answers in TLS.
  const silent = createServer((socket) => {
    socket.on("error", () => undefined).once("data", () => asked.resolve());
    socket.once("end", () => ended.resolve());
  });
  const endpoint = new URL((await listen(silent)).replace("http:", "https:"));
  const canceling = new AbortController();
  const testing = collect({ endpoint }, canceling.signal);
  await asked.promise;
  canceling.abort();
  await expect(testing).rejects.toMatchObject({ name: "AbortError" });
  await ended.promise;
  silent.close();
});
