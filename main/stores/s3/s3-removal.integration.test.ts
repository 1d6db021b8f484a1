import { hash } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import type { RemoveOrder } from "../store.ts";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "./scripted-server.ts";
import { openScriptedServer, storeOn, xmlAnswer } from "./scripted-server.ts";

const never = new AbortController().signal;
const ETAG = '"old"';

let server: ScriptedServer | undefined;
afterEach(async () => await server?.close());

type Answers = {
  /** The elements of the answer to a deletion of many; a whole answer in its place. */
  readonly many?: string | Exclude<ScriptedAnswer, string>;
  /** ETags of what is there now; what is not named is not there. */
  readonly etags?: Readonly<Record<string, string>>;
};

/** A store over a server that answers so. */
async function open({ many = "", etags = {} }: Answers, isRemovalConditional: boolean) {
  server = await openScriptedServer(({ method, query, target }) => {
    if (query.has("delete")) {
      return typeof many === "string" ? xmlAnswer(`<DeleteResult>${many}</DeleteResult>`) : many;
    }
    const etag = etags[decodeURIComponent(target.split("/").at(-1)?.split("?")[0] ?? "")];
    if (method === "DELETE") return { status: 204 };
    if (etag === undefined) return { status: 404 };
    return { status: 200, headers: { etag, "content-length": "1", "last-modified": MODIFIED } };
  });
  return storeOn(server, { isRemovalConditional });
}
const MODIFIED = "Fri, 01 Jan 2021 00:00:00 GMT";

const orders = (...keys: readonly string[]): RemoveOrder[] =>
  keys.map((key) => ({ key, etag: ETAG }));
const gone = (key: string, more = "") => `<Deleted><Key>${key}</Key>${more}</Deleted>`;
const refused = (key: string, code: string) =>
  `<Error><Key>${key}</Key><Code>${code}</Code><Message>${code} it is</Message></Error>`;

const NOTHING: Pick<ScriptedRequest, "body" | "headers"> = { body: "", headers: {} };

function asked(): string[] {
  const toText = ({ method, query }: ScriptedRequest) => (query.has("delete") ? "many" : method);
  return (server?.requests ?? []).map(toText);
}

it("names the ETags where the server keeps them, with the MD5 that others ask for", async () => {
  const store = await open({ many: gone("a") + gone("b") }, true);
  const removed = { outcome: "removed", keepsVersions: false };
  expect(await store.removeAll(orders("a", "b"), never)).toEqual([removed, removed]);
  expect(asked()).toEqual(["many"]);
  const [{ body, headers } = NOTHING] = server?.requests ?? [];
  expect(body).toContain("<Key>a</Key>");
  expect(body).toContain("<ETag>&quot;old&quot;</ETag>");
  expect(headers["content-md5"]).toBe(hash("md5", body, "base64"));
});

it("looks at each just before where the server would not, and names no ETag then", async () => {
  const store = await open({ many: gone("a"), etags: { a: ETAG, b: '"new"' } }, false);
  const outcomes = (await store.removeAll(orders("a", "b"), never)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(["removed", "changed"]);
  expect(asked()).toEqual(["HEAD", "HEAD", "many"]);
  expect(server?.requests.at(-1)?.body).not.toMatch(/ETag|<Key>b/u);
});

it("says of each what became of it", async () => {
  const keys = ["gone", "kept", "marked", "denied", "busy", "odd", "unsaid", "missing"];
  const many = [
    gone("gone"),
    gone("marked", "<DeleteMarker>true</DeleteMarker>"),
    refused("kept", "PreconditionFailed"),
    refused("denied", "AccessDenied"),
    refused("busy", "SlowDown"),
    refused("odd", "InternalError"),
    refused("missing", "NoSuchKey"),
  ].join("");
  const store = await open({ many }, true);
  expect(await store.removeAll(orders(...keys), never)).toMatchObject([
    { outcome: "removed", keepsVersions: false },
    { outcome: "changed" },
    { outcome: "removed", keepsVersions: true },
    { outcome: "failed", error: { code: "access-denied", details: { key: "denied" } } },
    { outcome: "failed", error: { code: "throttled" } },
    { outcome: "failed", error: { code: "server-failed" } },
    { outcome: "failed", error: { code: "protocol" } },
    { outcome: "removed" },
  ]);
});

it("removes one by one, each looked at, where the server takes no list, and remembers that", async () => {
  const etags = { a: ETAG, b: '"new"' };
  const store = await open({ many: { status: 501, body: "" }, etags }, true);
  const outcomes = (await store.removeAll(orders("a", "b"), never)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(["removed", "changed"]);
  await store.removeAll(orders("a"), never);
  expect(asked().toSorted()).toEqual(["DELETE", "DELETE", "HEAD", "HEAD", "HEAD", "many"]);
});

it("removes alone what no XML can name", async () => {
  const store = await open({ many: gone("a"), etags: { "\u0001": ETAG } }, true);
  await store.removeAll(orders("a", "\u0001"), never);
  expect(asked()).toEqual(["many", "HEAD", "DELETE"]);
});

it("fails as a whole where the whole was refused", async () => {
  const store = await open({ many: { status: 403, body: "" } }, true);
  await expect(store.removeAll(orders("a"), never)).rejects.toMatchObject({
    code: "access-denied",
  });
});
