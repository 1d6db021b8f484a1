import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from "../operations/buckets.ts";
import { completeUpload } from "../operations/complete-upload.ts";
import { deleteObject, deleteObjects } from "../operations/delete-objects.ts";
import { listObjects, listObjectsV2 } from "../operations/list-objects.ts";
import { listParts, listUploads } from "../operations/list-uploads.ts";
import { getObjectAttributes } from "../operations/object-attributes.ts";
import { getObjectTagging } from "../operations/object-tagging.ts";
import { getObject, readObject } from "../operations/read-object.ts";
import { abortUpload, createUpload } from "../operations/start-upload.ts";
import { uploadPart } from "../operations/upload-part.ts";
import { copyObject, putObject } from "../operations/write-object.ts";
import { getVersioning, listVersions, putVersioning } from "../operations/versioning.ts";
import type { OperationName } from "./route.ts";
import type { Operation } from "./s3-call.ts";

export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  GetBucketLocation: getBucketLocation,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListMultipartUploads: listUploads,
  DeleteObjects: deleteObjects,
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: readObject,
  GetObjectAttributes: getObjectAttributes,
  GetObjectTagging: getObjectTagging,
  GetBucketVersioning: getVersioning,
  PutBucketVersioning: putVersioning,
  ListObjectVersions: listVersions,
  DeleteObject: deleteObject,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  ListParts: listParts,
};
