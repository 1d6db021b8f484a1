import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { ObjectInfo } from "../store.ts";
import { errorAnswer, openScriptedServer, storeOn, xmlAnswer } from "./scripted-server.ts";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "./scripted-server.ts";

const never = new AbortController().signal;

let server: ScriptedServer | undefined;

async function serve(answer: (request: ScriptedRequest, count: number) => ScriptedAnswer) {
  server = await openScriptedServer(answer);
  return { server, store: storeOn(server) };
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function objectOf(sizeBytes: number, etag: string): ObjectInfo {
  return { key: "k", sizeBytes, etag, versionId: null, modifiedAtMs: 0 };
}

function digest(part: number): Buffer {
  return createHash("sha256").update(String(part)).digest();
}

function partXml(
  number: number,
  size: number,
  checksum = digest(number).toString("base64"),
): string {
  return (
    `<Part><PartNumber>${number}</PartNumber><Size>${size}</Size>` +
    `<ChecksumSHA256>${checksum}</ChecksumSHA256></Part>`
  );
}

function attributes(parts: string, more = "<IsTruncated>false</IsTruncated>", etag = "e-3") {
  return xmlAnswer(
    `<GetObjectAttributesResponse><ETag>${etag}</ETag>` +
      `<ObjectParts>${more}${parts}</ObjectParts></GetObjectAttributesResponse>`,
  );
}

describe("pieces by GetObjectAttributes", () => {
  it("are the parts, unequal as they are, over pages", async () => {
    const { server: one, store } = await serve((request) =>
      request.headers["x-amz-part-number-marker"] === "2"
        ? attributes(partXml(3, 1))
        : attributes(
            partXml(1, 8) + partXml(2, 5),
            "<IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker>",
          ),
    );
    expect(await store.pieces(objectOf(14, '"e-3"'), never)).toEqual([
      { start: 0, end: 8, sha256: digest(1).toString("hex") },
      { start: 8, end: 13, sha256: digest(2).toString("hex") },
      { start: 13, end: 14, sha256: digest(3).toString("hex") },
    ]);
    expect(one.requests).toHaveLength(2);
  });

  it("are one for a single PUT that was sent with a digest", async () => {
    const { store } = await serve(() =>
      xmlAnswer(
        "<GetObjectAttributesResponse><ETag>e</ETag><Checksum><ChecksumSHA256>" +
          `${digest(1).toString("base64")}</ChecksumSHA256></Checksum></GetObjectAttributesResponse>`,
      ),
    );
    expect(await store.pieces(objectOf(9, '"e"'), never)).toEqual([
      { start: 0, end: 9, sha256: digest(1).toString("hex") },
    ]);
  });

  it.each<[name: string, answer: ScriptedAnswer]>([
    ["parts without digests", attributes("<Part><PartNumber>1</PartNumber><Size>14</Size></Part>")],
    ["no parts in detail", attributes("<PartsCount>3</PartsCount>")],
    ["parts that are too few", attributes(partXml(1, 8))],
    ["parts that are too many", attributes(partXml(1, 8) + partXml(2, 8))],
    ["a part of no length", attributes(partXml(1, 14) + partXml(2, 0))],
    ["a composite for a whole", attributes(partXml(1, 14, `${digest(1).toString("base64")}-3`))],
    [
      "pages that go round",
      attributes(
        partXml(1, 1),
        "<IsTruncated>true</IsTruncated><NextPartNumberMarker>0</NextPartNumberMarker>",
      ),
    ],
    [
      "neither parts nor digest",
      xmlAnswer("<GetObjectAttributesResponse><ETag>e-3</ETag></GetObjectAttributesResponse>"),
    ],
  ])("are none with %s", async (_name, answer) => {
    const { store } = await serve(() => answer);
    expect(await store.pieces(objectOf(14, '"e-3"'), never)).toBeNull();
  });
});

describe("asking for pieces", () => {
  it("is left out for an empty object", async () => {
    const { server: one, store } = await serve(() => attributes(""));
    expect(await store.pieces(objectOf(0, '"e"'), never)).toBeNull();
    expect(one.requests).toEqual([]);
  });

  it("notices that the object was replaced", async () => {
    const { store } = await serve(() => attributes(partXml(1, 14), "", "other"));
    const pieces = store.pieces(objectOf(14, '"e-3"'), never);
    await expect(pieces).rejects.toMatchObject({ code: "object-changed" });
  });

  it("fails when the server does", async () => {
    const { store } = await serve(() => errorAnswer(503, "SlowDown"));
    const pieces = store.pieces(objectOf(14, '"e-3"'), never);
    await expect(pieces).rejects.toMatchObject({ code: "throttled" });
  });
});

/** A server that knows no attributes, and tells digests by HEAD. */
function headServer(
  refusal: ScriptedAnswer,
  checksum: (part: string | null) => string | undefined,
) {
  return (request: ScriptedRequest): ScriptedAnswer => {
    if (request.query.has("attributes")) return refusal;
    const part = request.query.get("partNumber");
    const value = checksum(part);
    return {
      status: 200,
      headers: {
        etag: '"e-3"',
        "content-length": part === null ? "14" : part === "3" ? "4" : "5",
        ...(value !== undefined && { "x-amz-checksum-sha256": value }),
      },
    };
  };
}

describe("pieces where attributes are not to be had", () => {
  const composite = `${digest(0).toString("base64")}-3`;
  const checksumOf = (part: string | null) =>
    part === null ? composite : digest(Number(part)).toString("base64");

  it.each<[name: string, refusal: ScriptedAnswer]>([
    ["denied", errorAnswer(403, "AccessDenied")],
    ["not built in", errorAnswer(501, "NotImplemented")],
    ["answered with the object itself", { status: 200, body: Buffer.alloc(2 * 1024 * 1024) }],
    ["answered with a small object", { status: 200, body: "hello" }],
  ])("are asked for part by part (%s), and attributes not again", async (_name, refusal) => {
    const { server: one, store } = await serve(headServer(refusal, checksumOf));
    const pieces = await store.pieces(objectOf(14, '"e-3"'), never);
    expect(pieces).toEqual([
      { start: 0, end: 5, sha256: digest(1).toString("hex") },
      { start: 5, end: 10, sha256: digest(2).toString("hex") },
      { start: 10, end: 14, sha256: digest(3).toString("hex") },
    ]);
    await store.pieces(objectOf(14, '"e-3"'), never);
    const asked = one.requests.filter(({ query }) => query.has("attributes"));
    expect(asked).toHaveLength(1);
    expect(one.requests[1]?.headers).toMatchObject({
      "x-amz-checksum-mode": "ENABLED",
      "if-match": '"e-3"',
    });
  });

  it.each<[name: string, checksum: (part: string | null) => string | undefined]>([
    ["no digest at all", () => undefined],
    [
      "a digest of the whole alone",
      (part) => (part === null ? digest(0).toString("base64") : undefined),
    ],
    ["a composite of another number of parts", () => composite.replace("-3", "-4")],
    ["a part without one", (part) => (part === "2" ? undefined : checksumOf(part))],
  ])("are none with %s", async (_name, checksum) => {
    const { store } = await serve(headServer(errorAnswer(501, "NotImplemented"), checksum));
    expect(await store.pieces(objectOf(14, '"e-3"'), never)).toBeNull();
  });
});

describe("the sizes in which an object was uploaded", () => {
  const head = (headers: Record<string, string>): ScriptedAnswer => {
    return { status: 200, headers: { etag: '"e-3"', "content-length": "14", ...headers } };
  };

  it("are what our own metadata says, if that fits the ETag", async () => {
    const { store } = await serve(() => head({ "x-amz-meta-longhaul-part-size": "5" }));
    expect(await store.uploadedPartBytes(objectOf(14, '"e-3"'), never)).toBe(5);
  });

  it("are the first part's otherwise", async () => {
    const { store } = await serve((request) =>
      request.query.get("partNumber") === "1"
        ? head({ "content-length": "6", "x-amz-mp-parts-count": "3" })
        : head({ "x-amz-meta-longhaul-part-size": "9" }),
    );
    expect(await store.uploadedPartBytes(objectOf(14, '"e-3"'), never)).toBe(6);
  });

  it("are unknown where the server does not understand the question", async () => {
    const { store } = await serve(() => head({}));
    expect(await store.uploadedPartBytes(objectOf(14, '"e-3"'), never)).toBeNull();
  });

  it("are unknown where the first part's does not fit the number", async () => {
    const { store } = await serve(() =>
      head({ "content-length": "2", "x-amz-mp-parts-count": "3" }),
    );
    expect(await store.uploadedPartBytes(objectOf(14, '"e-3"'), never)).toBeNull();
  });

  it("do not exist for a single PUT", async () => {
    const { server: one, store } = await serve(() => head({}));
    expect(await store.uploadedPartBytes(objectOf(14, '"e"'), never)).toBeNull();
    expect(one.requests).toEqual([]);
  });
});
