import { acceptPayload, digestOf } from "../bodies/accept-payload.ts";
import { checksumHeader, findClaim } from "../bodies/checksums.ts";
import type { ReceivedBody } from "../bodies/receive-body.ts";
import { inTransaction } from "../catalog/database.ts";
import type { UploadRecord } from "../catalog/uploads.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { requireUpload } from "./start-upload.ts";

/**
 * A part sent again replaces the one before. The upload is looked for before the body and again
 * with the commit: it may have been aborted meanwhile.
 *
 * @throws {S3Error} NoSuchUpload, InvalidArgument and what `acceptPayload` throws.
 */
export async function uploadPart(call: S3Call): Promise<S3Answer> {
  const number = Number(call.query.get("partNumber"));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    const message = "Part number must be an integer between 1 and 10000, inclusive";
    throw new S3Error("InvalidArgument", message);
  }
  const upload = requireUpload(call);
  checkAlgorithm(call, upload);
  const algorithm = upload.checksum?.algorithm;
  const { body, claimed } = await acceptPayload(call, algorithm);
  const checksum = algorithm === undefined ? undefined : digestOf(body, algorithm);
  await commitPart(call, body, { number, checksum });
  const echoed = algorithm ?? claimed;
  return {
    status: 200,
    headers: {
      etag: `"${body.md5}"`,
      ...(echoed === undefined ? {} : { [checksumHeader(echoed)]: digestOf(body, echoed) }),
    },
  };
}

/** An upload without a checksum takes parts with any: those are proven and then forgotten. */
function checkAlgorithm(call: S3Call, upload: UploadRecord): void {
  const claimed = findClaim(call.headers)?.algorithm;
  const expected = upload.checksum?.algorithm;
  if (claimed === undefined || expected === undefined || claimed === expected) return;
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${claimed.toLowerCase()}`;
  throw new S3Error("InvalidRequest", message);
}

type Place = { readonly number: number; readonly checksum: string | undefined };

async function commitPart(call: S3Call, body: ReceivedBody, place: Place): Promise<void> {
  const { store } = call;
  await store.files.publish(body.file);
  try {
    inTransaction(store.db, () => {
      const upload = requireUpload(call);
      store.parts.put(upload.id, {
        number: place.number,
        startBytes: 0,
        sizeBytes: body.sizeBytes,
        file: body.file,
        md5: body.md5,
        checksum: place.checksum,
        modifiedMs: store.nowMs(),
      });
    });
  } catch (error) {
    await store.files.remove([body.file]);
    throw error;
  }
}
