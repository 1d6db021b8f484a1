import { expect, it } from "vitest";
import { readFacts } from "./object-facts.ts";

it.each([
  [{}, "ready"],
  [{ "x-amz-storage-class": "STANDARD_IA" }, "ready"],
  [{ "x-amz-storage-class": "GLACIER_IR" }, "ready"],
  [{ "x-amz-storage-class": "GLACIER" }, "archived"],
  [{ "x-amz-storage-class": "DEEP_ARCHIVE" }, "archived"],
  [{ "x-amz-archive-status": "ARCHIVE_ACCESS" }, "archived"],
  [{ "x-amz-storage-class": "GLACIER", "x-amz-restore": 'ongoing-request="true"' }, "restoring"],
  [
    {
      "x-amz-storage-class": "GLACIER",
      "x-amz-restore": 'ongoing-request="false", expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"',
    },
    "ready",
  ],
])("S32 says of %j that it is %s", (headers, access) => {
  expect(readFacts(headers).access).toBe(access);
});

it("reads metadata, version and class", () => {
  const headers = {
    "x-amz-meta-mtime": "1.5",
    "x-amz-version-id": "v1",
    "x-amz-storage-class": "STANDARD_IA",
    "content-type": "text/plain",
  };
  expect(readFacts(headers)).toEqual({
    metadata: { mtime: "1.5" },
    versionId: "v1",
    storageClass: "STANDARD_IA",
    access: "ready",
  });
});
