import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { percentEncodePath } from "../protocol/target.ts";
import { sweepGarbage } from "../sandbox-store.ts";
import { startTestServer } from "../testing/test-server.ts";
import type { TestServer } from "../testing/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
  expect(server.faults).toEqual([]);
});

async function put(key: string, body: string | Buffer): Promise<void> {
  await server.s3.send(
    new PutObjectCommand({ Bucket: "bucket", Key: key, Body: Buffer.from(body) }),
  );
}

async function get(key: string, range?: string): Promise<Buffer> {
  const command = new GetObjectCommand({ Bucket: "bucket", Key: key, Range: range });
  const answer = await server.s3.send(command);
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

describe("objects", () => {
  it("come back as they were put, with what was said about them", async () => {
    const body = randomBytes(3_000_000);
    await server.s3.send(
      new PutObjectCommand({
        Bucket: "bucket",
        Key: "meta",
        Body: body,
        ContentType: "model/weights",
        ContentEncoding: "zstd",
        CacheControl: "no-store",
        Metadata: { origin: "here", "part-size": "5" },
      }),
    );
    const head = await server.s3.send(new HeadObjectCommand({ Bucket: "bucket", Key: "meta" }));
    expect(head).toMatchObject({
      ContentLength: 3_000_000,
      ContentType: "model/weights",
      ContentEncoding: "zstd",
      CacheControl: "no-store",
      Metadata: { origin: "here", "part-size": "5" },
      AcceptRanges: "bytes",
    });
    expect(await get("meta")).toEqual(body);
  });

  it("may be empty", async () => {
    await put("empty", "");
    expect((await get("empty")).length).toBe(0);
    const head = await server.s3.send(new HeadObjectCommand({ Bucket: "bucket", Key: "empty" }));
    expect(head).toMatchObject({ ContentLength: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' });
  });

  it("are read by range, exactly", async () => {
    const body = randomBytes(2_000_000);
    await put("ranges", body);
    expect(await get("ranges", "bytes=0-0")).toEqual(body.subarray(0, 1));
    expect(await get("ranges", "bytes=500000-1600000")).toEqual(body.subarray(500_000, 1_600_001));
    expect(await get("ranges", "bytes=-7")).toEqual(body.subarray(-7));
    expect(await get("ranges", "bytes=1999990-")).toEqual(body.subarray(1_999_990));
  });
});

describe("conditions", () => {
  it("answer conditions of reading", async () => {
    await put("conditions", "x");
    const path = "/bucket/conditions";
    const etag = '"9dd4e461268c8034f5c8564e155c67a6"';
    const same = await server.send({ method: "GET", path, headers: { "if-none-match": etag } });
    expect([same.status, same.text, same.headers["etag"]]).toEqual([304, "", etag]);
    const other = await server.send({ method: "GET", path, headers: { "if-match": '"other"' } });
    expect([other.status, other.code]).toEqual([412, "PreconditionFailed"]);
  });

  it("are created once under If-None-Match, and replaced under If-Match only as they were", async () => {
    const order = { method: "PUT", path: "/bucket/once", body: Buffer.from("x") };
    const once = { ...order, headers: { "if-none-match": "*" } };
    expect((await server.send(once)).status).toBe(200);
    const again = await server.send(once);
    expect([again.status, again.code]).toEqual([412, "PreconditionFailed"]);
    const same = { ...order, headers: { "if-match": '"9dd4e461268c8034f5c8564e155c67a6"' } };
    expect((await server.send({ ...same, body: Buffer.from("y") })).status).toBe(200);
    expect((await server.send(same)).status).toBe(412);
    const absent = await server.send({ ...same, path: "/bucket/absent" });
    expect([absent.status, absent.code]).toEqual([404, "NoSuchKey"]);
  });

  it("let only one of many writers create under If-None-Match", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        server.send({
          method: "PUT",
          path: "/bucket/race",
          headers: { "if-none-match": "*" },
          body: Buffer.from(String(index)),
        }),
      ),
    );
    expect(answers.filter((answer) => answer.status === 412).length).toBe(7);
    expect((await get("race")).toString()).toBe(
      String(answers.findIndex((answer) => answer.status === 200)),
    );
  });
});

describe("copies and deletions", () => {
  it("are copied with their headers, or with new ones", async () => {
    await server.s3.send(
      new PutObjectCommand({ Bucket: "bucket", Key: "from ü", Body: "abc", Metadata: { a: "1" } }),
    );
    const copy = (key: string, replace: boolean): CopyObjectCommand =>
      new CopyObjectCommand({
        Bucket: "bucket",
        Key: key,
        CopySource: encodeURIComponent("bucket/from ü"),
        ...(replace ? { MetadataDirective: "REPLACE", Metadata: { b: "2" } } : {}),
      });
    await server.s3.send(copy("kept", false));
    await server.s3.send(copy("replaced", true));
    const head = async (key: string): Promise<unknown> =>
      (await server.s3.send(new HeadObjectCommand({ Bucket: "bucket", Key: key }))).Metadata;
    expect([await head("kept"), await head("replaced")]).toEqual([{ a: "1" }, { b: "2" }]);
    expect((await get("replaced")).toString()).toBe("abc");
  });

  it("are gone once deleted, and deleting again is no error", async () => {
    await put("gone", "x");
    const command = new DeleteObjectCommand({ Bucket: "bucket", Key: "gone" });
    await server.s3.send(command);
    await server.s3.send(command);
    expect((await server.send({ method: "GET", path: "/bucket/gone" })).code).toBe("NoSuchKey");
  });

  it("leave no file behind when they are replaced or deleted", async () => {
    const count = (): number =>
      readdirSync(join(server.folder, "data"), { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile(),
      ).length;
    await sweepGarbage(server.store, 0);
    const before = count();
    for (let index = 0; index < 3; index += 1) await put("replaced often", String(index));
    expect(count()).toBe(before + 3);
    await sweepGarbage(server.store, 0);
    expect(count()).toBe(before + 1);
    await server.s3.send(new DeleteObjectCommand({ Bucket: "bucket", Key: "replaced often" }));
    await sweepGarbage(server.store, 0);
    expect([count(), readdirSync(join(server.folder, "staging"))]).toEqual([before, []]);
  });
});

const ZOO = [
  "../../../etc/passwd",
  "..",
  ".",
  "a/../b",
  "a//b",
  "/absolute",
  "trailing/",
  "back\\slash",
  " spaces and +plus ",
  "percent%2Fsign%",
  "ünïcödé/😀",
  "nul\u0000byte",
  "line\nbreak\ttab\u0001\u007F",
  "<xml>&'\"",
  "?query#fragment",
  "\uFEFFbom",
  "k".repeat(1024),
  "é".repeat(512),
];

describe("keys", () => {
  it("are opaque: each names its own object, inside the store's folder", async () => {
    for (const [index, key] of ZOO.entries()) {
      const path = `/bucket/${percentEncodePath(key)}`;
      const answer = await server.send({ method: "PUT", path, body: Buffer.from(String(index)) });
      expect([key, answer.status]).toEqual([key, 200]);
    }
    for (const [index, key] of ZOO.entries()) {
      const path = `/bucket/${percentEncodePath(key)}`;
      expect((await server.send({ method: "GET", path })).text).toBe(String(index));
    }
    const names = readdirSync(join(server.folder, "data"), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile());
    expect(names.every((entry) => /^[0-9a-f]{32}$/.test(entry.name))).toBe(true);
    expect(readdirSync(server.folder).toSorted()).toEqual(
      expect.arrayContaining(["catalog.db", "data", "staging"]),
    );
  });

  it("come back whole in a listing with encoding-type=url", async () => {
    const listed: string[] = [];
    let token: string | undefined;
    do {
      const page = await server.s3.send(
        new ListObjectsV2Command({
          Bucket: "bucket",
          EncodingType: "url",
          MaxKeys: 7,
          ContinuationToken: token,
        }),
      );
      listed.push(...(page.Contents ?? []).map((object) => decodeURIComponent(object.Key ?? "")));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(listed).toEqual(expect.arrayContaining(ZOO));
    const sorted = listed.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(listed).toEqual(sorted);
  });

  it("of more than 1,024 bytes are refused", async () => {
    const path = `/bucket/${percentEncodePath("é".repeat(513))}`;
    const answer = await server.send({ method: "PUT", path });
    expect([answer.status, answer.code]).toEqual([400, "KeyTooLongError"]);
  });
});

describe("listings", () => {
  it("group by delimiter and page by marker in both versions", async () => {
    for (const key of ["l/a", "l/b/1", "l/b/2", "l/c", "l/d/1"]) await put(key, "x");
    const base = { Bucket: "bucket", Prefix: "l/", Delimiter: "/" };
    const first = await server.s3.send(new ListObjectsV2Command({ ...base, MaxKeys: 2 }));
    expect(first).toMatchObject({
      Contents: [{ Key: "l/a", Size: 1, ETag: '"9dd4e461268c8034f5c8564e155c67a6"' }],
      CommonPrefixes: [{ Prefix: "l/b/" }],
      IsTruncated: true,
      KeyCount: 2,
    });
    const second = await server.s3.send(
      new ListObjectsV2Command({ ...base, ContinuationToken: first.NextContinuationToken }),
    );
    expect(second).toMatchObject({
      Contents: [{ Key: "l/c" }],
      CommonPrefixes: [{ Prefix: "l/d/" }],
      IsTruncated: false,
    });
    const old = await server.s3.send(new ListObjectsCommand({ ...base, MaxKeys: 2 }));
    expect(old.NextMarker).toBe("l/b/");
    const rest = await server.s3.send(new ListObjectsCommand({ ...base, Marker: old.NextMarker }));
    expect(rest.Contents?.map((object) => object.Key)).toEqual(["l/c"]);
  });

  it("begin behind start-after and may be asked for nothing", async () => {
    const after = await server.s3.send(
      new ListObjectsV2Command({ Bucket: "bucket", Prefix: "l/", StartAfter: "l/b/2" }),
    );
    expect(after.Contents?.map((object) => object.Key)).toEqual(["l/c", "l/d/1"]);
    const none = await server.send({ method: "GET", path: "/bucket?list-type=2&max-keys=0" });
    expect(none.text).toContain("<KeyCount>0</KeyCount>");
    expect(none.text).toContain("<IsTruncated>false</IsTruncated>");
  });

  it("refuse what is no page size, no token and no encoding", async () => {
    for (const query of ["max-keys=x", "continuation-token=zz", "encoding-type=zip"]) {
      const answer = await server.send({ method: "GET", path: `/bucket?list-type=2&${query}` });
      expect([query, answer.status, answer.code]).toEqual([query, 400, "InvalidArgument"]);
    }
  });
});

describe("DeleteObjects", () => {
  it("deletes many and names them, unless told to be quiet", async () => {
    for (const key of ["d/1", "d/ 2&", "d/3"]) await put(key, "x");
    const command = (keys: readonly string[], quiet: boolean): DeleteObjectsCommand =>
      new DeleteObjectsCommand({
        Bucket: "bucket",
        Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: quiet },
      });
    const loud = await server.s3.send(command(["d/1", "d/ 2&", "d/absent"], false));
    expect(loud.Deleted?.map((entry) => entry.Key)).toEqual(["d/1", "d/ 2&", "d/absent"]);
    expect((await server.s3.send(command(["d/3"], true))).Deleted).toBeUndefined();
    const left = await server.s3.send(new ListObjectsV2Command({ Bucket: "bucket", Prefix: "d/" }));
    expect(left.KeyCount).toBe(0);
  });

  it.each([
    ["nothing", ""],
    ["another document", "<Other/>"],
    ["no key", "<Delete><Object/></Delete>"],
  ])("refuses %s", async (_title, text) => {
    const body = Buffer.from(text);
    const answer = await server.send({ method: "POST", path: "/bucket?delete", body });
    expect([answer.status, answer.code]).toEqual([400, "MalformedXML"]);
  });
});
