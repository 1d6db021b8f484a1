import { describe, expect, it } from "vitest";

import { chooseOperation } from "./route.ts";

function choose(line: string, headers: Readonly<Record<string, string>> = {}): string {
  const [method = "", path = ""] = line.split(" ");
  const url = new URL(path, "http://host");
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
  const query = new Map(url.searchParams);
  return chooseOperation({ method, bucket, key, query, headers: new Map(Object.entries(headers)) });
}

describe("chooseOperation", () => {
  it.each([
    ["GET /", "ListBuckets"],
    ["PUT /b", "CreateBucket"],
    ["HEAD /b", "HeadBucket"],
    ["DELETE /b/", "DeleteBucket"],
    ["GET /b?location", "GetBucketLocation"],
    ["GET /b", "ListObjects"],
    ["GET /b?list-type=2&prefix=x", "ListObjectsV2"],
    ["GET /b?uploads", "ListMultipartUploads"],
    ["POST /b?delete", "DeleteObjects"],
    ["PUT /b/k?x-id=PutObject", "PutObject"],
    ["GET /b/k?partNumber=1", "GetObject"],
    ["HEAD /b/k", "HeadObject"],
    ["GET /b/k?attributes", "GetObjectAttributes"],
    ["DELETE /b/k", "DeleteObject"],
    ["POST /b/k?uploads", "CreateMultipartUpload"],
    ["PUT /b/k?partNumber=1&uploadId=u", "UploadPart"],
    ["POST /b/k?uploadId=u", "CompleteMultipartUpload"],
    ["DELETE /b/k?uploadId=u", "AbortMultipartUpload"],
    ["GET /b/k?uploadId=u", "ListParts"],
  ])("takes %s as %s", (line, expected) => {
    expect(choose(line)).toBe(expected);
  });

  it("takes a PUT with a copy source as CopyObject", () => {
    expect(choose("PUT /b/k", { "x-amz-copy-source": "b/other" })).toBe("CopyObject");
  });

  it.each([
    ["GET /b?acl", "NotImplemented"],
    ["PUT /b/k?tagging", "NotImplemented"],
    ["POST /b?versions", "NotImplemented"],
    ["POST /", "MethodNotAllowed"],
    ["POST /b", "MethodNotAllowed"],
    ["POST /b/k", "MethodNotAllowed"],
    ["PATCH /b/k", "MethodNotAllowed"],
  ])("answers %s with %s", (line, code) => {
    expect(() => choose(line)).toThrow(expect.objectContaining({ code }));
  });

  it("does not copy parts", () => {
    const line = "PUT /b/k?partNumber=1&uploadId=u";
    expect(() => choose(line, { "x-amz-copy-source": "b/other" })).toThrow(
      expect.objectContaining({ code: "NotImplemented" }),
    );
  });
});
