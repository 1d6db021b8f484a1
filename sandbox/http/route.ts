import { S3Error } from "../protocol/s3-error.ts";

/** Names as S3's documentation has them; the request log uses them too. */
export type OperationName =
  | "ListBuckets"
  | "CreateBucket"
  | "HeadBucket"
  | "DeleteBucket"
  | "GetBucketLocation"
  | "ListObjects"
  | "ListObjectsV2"
  | "ListMultipartUploads"
  | "DeleteObjects"
  | "PutObject"
  | "CopyObject"
  | "GetObject"
  | "HeadObject"
  | "GetObjectAttributes"
  | "GetObjectTagging"
  | "GetBucketVersioning"
  | "PutBucketVersioning"
  | "ListObjectVersions"
  | "DeleteObject"
  | "CreateMultipartUpload"
  | "UploadPart"
  | "CompleteMultipartUpload"
  | "AbortMultipartUpload"
  | "ListParts";

export type Route = {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
};

/** Features of S3 named in the query that this server does not have. */
const ABSENT = new Set(
  `accelerate acl analytics cors encryption intelligent-tiering inventory legal-hold lifecycle
   logging metadataTable metrics notification object-lock ownershipControls policy policyStatus
   publicAccessBlock renameObject replication requestPayment restore retention select session
   tagging torrent versioning versions website`.split(/\s+/),
);

type Choice = readonly [method: string, marker: string | undefined, operation: OperationName];

/** The first line whose method and query parameter fit; no parameter fits always. */
const BUCKET_ROUTES: readonly Choice[] = [
  ["GET", "location", "GetBucketLocation"],
  ["GET", "uploads", "ListMultipartUploads"],
  ["GET", "versioning", "GetBucketVersioning"],
  ["GET", "versions", "ListObjectVersions"],
  ["GET", "list-type", "ListObjectsV2"],
  ["GET", undefined, "ListObjects"],
  ["PUT", "versioning", "PutBucketVersioning"],
  ["PUT", undefined, "CreateBucket"],
  ["HEAD", undefined, "HeadBucket"],
  ["DELETE", undefined, "DeleteBucket"],
  ["POST", "delete", "DeleteObjects"],
];
const OBJECT_ROUTES: readonly Choice[] = [
  ["GET", "attributes", "GetObjectAttributes"],
  ["GET", "tagging", "GetObjectTagging"],
  ["GET", "uploadId", "ListParts"],
  ["GET", undefined, "GetObject"],
  ["HEAD", undefined, "HeadObject"],
  ["PUT", "uploadId", "UploadPart"],
  ["PUT", undefined, "PutObject"],
  ["POST", "uploads", "CreateMultipartUpload"],
  ["POST", "uploadId", "CompleteMultipartUpload"],
  ["DELETE", "uploadId", "AbortMultipartUpload"],
  ["DELETE", undefined, "DeleteObject"],
];

/** @throws {S3Error} NotImplemented, MethodNotAllowed. */
export function chooseOperation(route: Route): OperationName {
  const found = choicesFor(route).find(
    ([method, marker]) =>
      method === route.method && (marker === undefined || route.query.has(marker)),
  );
  const absent = [...route.query.keys()].find((name) => ABSENT.has(name) && name !== found?.[1]);
  if (absent !== undefined) {
    throw new S3Error("NotImplemented", `The sub-resource ${absent} is not implemented.`);
  }
  if (found === undefined) throw new S3Error("MethodNotAllowed");
  const [, , operation] = found;
  if (!route.headers.has("x-amz-copy-source")) return operation;
  if (operation === "UploadPart") throw new S3Error("NotImplemented", "UploadPartCopy is absent.");
  return operation === "PutObject" ? "CopyObject" : operation;
}

function choicesFor(route: Route): readonly Choice[] {
  if (route.bucket === "") return [["GET", undefined, "ListBuckets"]];
  return route.key === "" ? BUCKET_ROUTES : OBJECT_ROUTES;
}
