import { afterEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../flow/fake-clock.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import { listBuckets } from "./s3-account.ts";
import { errorAnswer, openScriptedServer, storeOn, xmlAnswer } from "./scripted-server.ts";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "./scripted-server.ts";

const never = new AbortController().signal;
const FIRST = { prefix: "p/", isFolded: false, cursor: null, limit: 1000 } as const;

let server: ScriptedServer | undefined;

async function serve(answer: (request: ScriptedRequest, count: number) => ScriptedAnswer) {
  server = await openScriptedServer(answer);
  return { server, store: storeOn(server) };
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function contents(key: string): string {
  return (
    `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>` +
    `<ETag>&quot;e&quot;</ETag><Size>3</Size></Contents>`
  );
}

function page(keys: readonly string[], token: string | null, more = ""): ScriptedAnswer {
  const next = token === null ? "" : `<NextContinuationToken>${token}</NextContinuationToken>`;
  return xmlAnswer(
    `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${token !== null}</IsTruncated>` +
      `<KeyCount>${keys.length}</KeyCount>${next}${keys.map(contents).join("")}${more}</ListBucketResult>`,
  );
}

describe("a page of a bucket", () => {
  it("has objects and prefixes under their own names", async () => {
    const folded = "<CommonPrefixes><Prefix>p/%C3%A9/</Prefix></CommonPrefixes>";
    const { server: one, store } = await serve(() => page(["p/a+b%01"], null, folded));
    expect(await store.list({ ...FIRST, isFolded: true }, never)).toEqual({
      objects: [
        {
          key: "p/a b\u0001",
          sizeBytes: 3,
          etag: '"e"',
          versionId: null,
          modifiedAtMs: Date.UTC(2026, 0, 1),
        },
      ],
      prefixes: ["p/é/"],
      cursor: null,
    });
    expect(Object.fromEntries(one.requests[0]?.query ?? [])).toEqual({
      "list-type": "2",
      "encoding-type": "url",
      "max-keys": "1000",
      prefix: "p/",
      delimiter: "/",
    });
  });

  it("leads to the next with the server's own token", async () => {
    const { server: one, store } = await serve((request) =>
      request.query.get("continuation-token") === "t/1="
        ? page(["p/c"], null)
        : page(["p/a"], "t/1="),
    );
    const first = await store.list(FIRST, never);
    const second = await store.list({ ...FIRST, cursor: first.cursor }, never);
    expect([...first.objects, ...second.objects].map(({ key }) => key)).toEqual(["p/a", "p/c"]);
    expect(second.cursor).toBeNull();
    expect(one.requests).toHaveLength(2);
  });
});

describe("the next page", () => {
  it("is refused after a thousand without a name, whatever their tokens", async () => {
    const { store } = await serve((_request, count) => page([], `t${count}`));
    const at = (emptyPages: number) => JSON.stringify({ token: "t0", lastName: "p/a", emptyPages });
    await store.list({ ...FIRST, cursor: at(999) }, never);
    const next = store.list({ ...FIRST, cursor: at(1000) }, never);
    await expect(next).rejects.toMatchObject({ code: "protocol" });
  });

  it.each<[name: string, second: ScriptedAnswer]>([
    ["the same token again", page(["p/b"], "t1")],
    ["the same names again", page(["p/a"], "t2")],
    [
      "more, but no token",
      xmlAnswer("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
    ],
  ])("is refused when the listing goes round in circles: %s", async (_name, second) => {
    const { store } = await serve((_request, count) =>
      count === 1 ? page(["p/a"], "t1") : second,
    );
    const { cursor } = await store.list(FIRST, never);
    const next = store.list({ ...FIRST, cursor }, never);
    await expect(next).rejects.toMatchObject({ code: "protocol" });
  });

  it("refuses a cursor that is none of its own", async () => {
    const { server: one, store } = await serve(() => page([], null));
    for (const cursor of ["nonsense", "[]", '["only one"]']) {
      const next = store.list({ ...FIRST, cursor }, never);
      await expect(next).rejects.toMatchObject({ code: "invalid" });
    }
    expect(one.requests).toEqual([]);
  });

  it("never asks for more than S3 gives", async () => {
    const { server: one, store } = await serve(() => page([], null));
    await store.list({ ...FIRST, limit: 5000 }, never);
    expect(one.requests[0]?.query.get("max-keys")).toBe("1000");
  });
});

describe("the list of buckets", () => {
  const optionsFor = (endpoint: URL) => ({
    endpoint,
    region: "us-east-1",
    addressing: "auto" as const,
    clock: new FakeClock(),
    credentials: fixedCredentials(null),
  });
  const buckets = (names: readonly string[], token = "") =>
    xmlAnswer(
      `<ListAllMyBucketsResult><Buckets>${names.map((name) => `<Bucket><Name>${name}</Name></Bucket>`).join("")}` +
        `</Buckets>${token}</ListAllMyBucketsResult>`,
    );

  it("is in name order, over pages", async () => {
    const { server: one } = await serve((request) =>
      request.query.has("continuation-token")
        ? buckets(["a"])
        : buckets(["c", "b"], "<ContinuationToken>t</ContinuationToken>"),
    );
    expect(await listBuckets(optionsFor(one.endpoint), never)).toEqual(["a", "b", "c"]);
  });

  it("ends where a server only ever has another token", async () => {
    const { server: one } = await serve(() =>
      buckets([], "<ContinuationToken>t</ContinuationToken>"),
    );
    expect(await listBuckets(optionsFor(one.endpoint), never)).toEqual([]);
  });

  it("may be denied to keys of one bucket", async () => {
    const { server: one } = await serve(() => errorAnswer(403, "AccessDenied"));
    const failure = listBuckets(optionsFor(one.endpoint), never);
    await expect(failure).rejects.toMatchObject({
      code: "access-denied",
      details: { action: "s3:ListAllMyBuckets" },
    });
  });
});
