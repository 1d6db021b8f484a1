import { afterEach, describe, expect, it } from "vitest";
import type { CompleteOrder, WriteCondition } from "../store.ts";
import { errorAnswer, openScriptedServer, storeOn, xmlAnswer } from "./scripted-server.ts";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "./scripted-server.ts";

const never = new AbortController().signal;
const UPLOAD = { key: "k", uploadId: "u1" };
const SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SHA256_BASE64 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
const PART_ETAG = '"900150983cd24fb0d6963f7d28e17f72"';
/** MD5 of that one MD5. */
const WHOLE_ETAG = '"af5da9f45af7a300e3aded972f8ff687-1"';

let server: ScriptedServer | undefined;

async function serve(answer: (request: ScriptedRequest, count: number) => ScriptedAnswer) {
  server = await openScriptedServer(answer);
  return { server, store: storeOn(server) };
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function orderOf(condition: WriteCondition = { kind: "any" }): CompleteOrder {
  const parts = [{ number: 1, sizeBytes: 3, etag: PART_ETAG, sha256: SHA256 }];
  return { upload: UPLOAD, parts, condition, sizeBytes: 3 };
}

function completed(etag: string, more = ""): ScriptedAnswer {
  return xmlAnswer(
    `<CompleteMultipartUploadResult><Key>k</Key><ETag>${etag}</ETag>${more}</CompleteMultipartUploadResult>`,
  );
}

const INITIATED =
  "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
const initiated = xmlAnswer(INITIATED);

describe("completing an upload", () => {
  it("names every part with its digest, and gives back what the object is", async () => {
    const checksum = `<ChecksumSHA256>${SHA256_BASE64}-1</ChecksumSHA256>`;
    const { server: one, store } = await serve(() => completed(WHOLE_ETAG, checksum));
    expect(await store.complete(orderOf(), never)).toEqual({
      etag: WHOLE_ETAG,
      versionId: null,
      isSha256Kept: true,
    });
    const { target, body } = one.requests[0] ?? { target: "", body: "" };
    expect(target).toBe("/models/k?uploadId=u1");
    expect(body).toContain(`<ChecksumSHA256>${SHA256_BASE64}</ChecksumSHA256>`);
    expect(body).toContain("<PartNumber>1</PartNumber>");
  });

  it.each<[name: string, body: string | Buffer, code: string]>([
    ["an error", "<Error><Code>InternalError</Code></Error>", "server-failed"],
    ["an error that ends it", "<Error><Code>NoSuchUpload</Code></Error>", "upload-gone"],
    ["cut XML", "<CompleteMultipartUploadResult><ETag>&quot;x", "protocol"],
    ["nothing", "", "protocol"],
    ["HTML", "<html><body>all good<br></body></html>", "protocol"],
    ["bytes", Buffer.from([0xff, 0x00, 0x3c, 0x8a]), "protocol"],
  ])("is no success with status 200 and %s", async (_name, body, code) => {
    const { store } = await serve((request) => {
      if (request.method === "POST") return { status: 200, body };
      if (request.query.has("uploadId")) return xmlAnswer("<ListPartsResult/>");
      return errorAnswer(404, "NoSuchKey");
    });
    await expect(store.complete(orderOf(), never)).rejects.toMatchObject({ code });
  });
});

describe("the end of an upload that the server does not prove", () => {
  it("is proven by the object itself", async () => {
    const { store } = await serve((request) =>
      request.method === "POST"
        ? completed("")
        : { status: 200, headers: { "content-length": "3", etag: WHOLE_ETAG } },
    );
    expect(await store.complete(orderOf(), never)).toMatchObject({ etag: WHOLE_ETAG });
  });

  it.each([
    ["another size", "4", WHOLE_ETAG],
    ["another number of parts", "3", WHOLE_ETAG.replace("-1", "-2")],
    ["other parts", "3", '"00000000000000000000000000000000-1"'],
  ])("is not proven by an object of %s", async (_name, size, etag) => {
    const { store } = await serve((request) =>
      request.method === "POST"
        ? completed("")
        : { status: 200, headers: { "content-length": size, etag } },
    );
    await expect(store.complete(orderOf(), never)).rejects.toMatchObject({ code: "protocol" });
  });

  it("finds out that the upload is gone where the server only fails", async () => {
    const { store } = await serve((request) =>
      request.method === "POST"
        ? errorAnswer(500, "InternalError")
        : errorAnswer(404, "NoSuchUpload"),
    );
    await expect(store.complete(orderOf(), never)).rejects.toMatchObject({ code: "upload-gone" });
  });

  it("is a failure of the server's while the upload is there", async () => {
    const { store } = await serve((request) =>
      request.method === "POST"
        ? errorAnswer(500, "InternalError")
        : xmlAnswer("<ListPartsResult/>"),
    );
    await expect(store.complete(orderOf(), never)).rejects.toMatchObject({ code: "server-failed" });
  });

  it("goes without digests where they are refused", async () => {
    const { server: one, store } = await serve((request) =>
      request.body.includes("Checksum") ? errorAnswer(400, "MalformedXML") : completed(WHOLE_ETAG),
    );
    expect(await store.complete(orderOf(), never)).toMatchObject({ isSha256Kept: false });
    expect(one.requests).toHaveLength(2);
  });
});

describe("the condition of an upload", () => {
  it.each<[condition: WriteCondition, header: string, value: string]>([
    [{ kind: "absent" }, "if-none-match", "*"],
    [{ kind: "same", etag: '"old"' }, "if-match", '"old"'],
  ])("%j is for the server to keep", async (condition, header, value) => {
    const { server: one, store } = await serve(() => errorAnswer(412, "PreconditionFailed"));
    const failure = store.complete(orderOf(condition), never);
    await expect(failure).rejects.toMatchObject({ code: "conflict" });
    expect(one.requests[0]?.headers[header]).toBe(value);
    expect(one.requests).toHaveLength(1);
  });

  it("is a conflict when the object to replace is gone", async () => {
    const { store } = await serve(() => errorAnswer(404, "NoSuchKey"));
    const failure = store.complete(orderOf({ kind: "same", etag: '"old"' }), never);
    await expect(failure).rejects.toMatchObject({ code: "conflict" });
  });

  it.each<[condition: WriteCondition, etag: string | null, holds: boolean]>([
    [{ kind: "absent" }, null, true],
    [{ kind: "absent" }, '"new"', false],
    [{ kind: "same", etag: '"old"' }, '"old"', true],
    [{ kind: "same", etag: '"old"' }, '"new"', false],
    [{ kind: "same", etag: '"old"' }, null, false],
  ])(
    "%j is looked at first where the server keeps none; there: %s",
    async (condition, etag, holds) => {
      server = await openScriptedServer((request) => {
        if (request.method === "POST") return completed(WHOLE_ETAG);
        if (etag === null) return errorAnswer(404, "NoSuchKey");
        return { status: 200, headers: { "content-length": "1", etag } };
      });
      const done = storeOn(server, { isConditionHonoured: false }).complete(
        orderOf(condition),
        never,
      );
      if (holds) expect(await done).toMatchObject({ etag: WHOLE_ETAG });
      else await expect(done).rejects.toMatchObject({ code: "conflict" });
      const posts = server.requests.filter(({ method }) => method === "POST");
      expect(posts).toHaveLength(holds ? 1 : 0);
      expect(posts[0]?.headers["if-none-match"]).toBeUndefined();
      expect(posts[0]?.headers["if-match"]).toBeUndefined();
    },
  );
});

it.each([null, '"other"'])(
  "looks at the key (there: %s) once the server knows no conditions at the end",
  async (etag) => {
    server = await openScriptedServer((request) => {
      if (request.headers["if-none-match"] !== undefined) return errorAnswer(501, "NotImplemented");
      if (request.method === "POST") return completed(WHOLE_ETAG);
      if (etag === null) return errorAnswer(404, "NoSuchKey");
      return { status: 200, headers: { "content-length": "1", etag } };
    });
    const done = storeOn(server).complete(orderOf({ kind: "absent" }), never);
    if (etag === null) expect(await done).toMatchObject({ etag: WHOLE_ETAG });
    else await expect(done).rejects.toMatchObject({ code: "conflict" });
  },
);

describe("opening an upload", () => {
  it("declares SHA-256 and keeps the part size with the object", async () => {
    const { server: one, store } = await serve(() => initiated);
    expect(await store.openUpload("k", { partSizeBytes: 5 }, never)).toEqual(UPLOAD);
    expect(one.requests[0]?.headers).toMatchObject({
      "x-amz-checksum-algorithm": "SHA256",
      "x-amz-meta-longhaul-part-size": "5",
    });
  });

  it("keeps when a rule of the bucket will abort it", async () => {
    const abortDate = "Fri, 12 Mar 2027 00:00:00 GMT";
    const { store } = await serve(() => ({
      status: 200,
      headers: { "content-type": "application/xml", "x-amz-abort-date": abortDate },
      body: INITIATED,
    }));
    const expiresAtMs = Date.parse(abortDate);
    expect(await store.openUpload("k", { partSizeBytes: 5 }, never)).toEqual({
      ...UPLOAD,
      expiresAtMs,
    });
  });

  it("goes without where that is refused, and remembers", async () => {
    const { server: one, store } = await serve((request) =>
      "x-amz-checksum-algorithm" in request.headers
        ? errorAnswer(400, "InvalidArgument", "Unsupported header")
        : initiated,
    );
    await store.openUpload("k", { partSizeBytes: 5 }, never);
    await store.openUpload("k", { partSizeBytes: 5 }, never);
    expect(one.requests).toHaveLength(3);
    const part = {
      kind: "put-part",
      upload: UPLOAD,
      number: 1,
      sizeBytes: 3,
      sha256: SHA256,
    } as const;
    const { request } = await store.sign(part, never);
    expect(request.headers["x-amz-checksum-sha256"]).toBeUndefined();
  });

  it("does not take a refusal of something else for one of checksums", async () => {
    const { server: one, store } = await serve(() => errorAnswer(403, "AccessDenied"));
    const failure = store.openUpload("k", { partSizeBytes: 5 }, never);
    await expect(failure).rejects.toMatchObject({ code: "access-denied" });
    expect(one.requests).toHaveLength(1);
  });

  it("is not done without an upload id", async () => {
    const { store } = await serve(() => xmlAnswer("<InitiateMultipartUploadResult/>"));
    const failure = store.openUpload("k", { partSizeBytes: 5 }, never);
    await expect(failure).rejects.toMatchObject({ code: "protocol" });
  });
});

describe("the parts an upload holds", () => {
  it("come in number order, page by page", async () => {
    const part = (number: number) =>
      `<Part><PartNumber>${number}</PartNumber><Size>3</Size><ETag>${PART_ETAG}</ETag></Part>`;
    const { server: one, store } = await serve((request) =>
      request.query.get("part-number-marker") === "2"
        ? xmlAnswer(`<ListPartsResult>${part(7)}<IsTruncated>false</IsTruncated></ListPartsResult>`)
        : xmlAnswer(
            `<ListPartsResult>${part(2)}${part(1)}<IsTruncated>true</IsTruncated>` +
              "<NextPartNumberMarker>2</NextPartNumberMarker></ListPartsResult>",
          ),
    );
    const first = await store.listParts(UPLOAD, null, never);
    expect(first.parts.map(({ number }) => number)).toEqual([1, 2]);
    const second = await store.listParts(UPLOAD, first.cursor, never);
    expect(second).toEqual({
      parts: [{ number: 7, sizeBytes: 3, etag: PART_ETAG, sha256: null }],
      cursor: null,
    });
    expect(one.requests).toHaveLength(2);
  });

  it("are refused when the list goes round in circles", async () => {
    const { store } = await serve(() =>
      xmlAnswer(
        "<ListPartsResult><IsTruncated>true</IsTruncated>" +
          "<NextPartNumberMarker>2</NextPartNumberMarker></ListPartsResult>",
      ),
    );
    const again = store.listParts(UPLOAD, "2", never);
    await expect(again).rejects.toMatchObject({ code: "protocol" });
  });
});

describe("the unfinished uploads of a key", () => {
  const upload = (key: string, id: string, day: number) =>
    `<Upload><Key>${key}</Key><UploadId>${id}</UploadId>` +
    `<Initiated>2026-01-0${day}T00:00:00.000Z</Initiated></Upload>`;

  it("are those of exactly that key, oldest first, over pages", async () => {
    const { server: one, store } = await serve((request) =>
      request.query.get("key-marker") === "k"
        ? xmlAnswer(
            `<ListMultipartUploadsResult>${upload("k", "u3", 1)}${upload("kk", "u4", 1)}` +
              "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>",
          )
        : xmlAnswer(
            `<ListMultipartUploadsResult>${upload("k", "u1", 3)}${upload("k", "u2", 2)}` +
              "<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>" +
              "<NextUploadIdMarker>u2</NextUploadIdMarker></ListMultipartUploadsResult>",
          ),
    );
    const found = await store.findUploads("k", never);
    expect(found.map(({ uploadId }) => uploadId)).toEqual(["u3", "u2", "u1"]);
    expect(one.requests[1]?.query.get("upload-id-marker")).toBe("u2");
  });

  it("are found under names that the server encoded without saying so", async () => {
    const { store } = await serve(() =>
      xmlAnswer(
        `<ListMultipartUploadsResult>${upload("%C3%BC%20%2B", "u1", 1)}` +
          "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>",
      ),
    );
    expect(await store.findUploads("ü +", never)).toMatchObject([{ key: "ü +", uploadId: "u1" }]);
  });

  it("are not looked for again and again where the list goes round in circles", async () => {
    const { server: one, store } = await serve(() =>
      xmlAnswer(
        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>" +
          "<NextKeyMarker>k</NextKeyMarker></ListMultipartUploadsResult>",
      ),
    );
    expect(await store.findUploads("k", never)).toEqual([]);
    expect(one.requests).toHaveLength(2);
  });
});
