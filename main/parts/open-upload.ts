import { isAbort, isRetryable, LonghaulError } from "#shared/errors.ts";
import type { Store, UploadOptions, UploadRef } from "../stores/store.ts";
import type { MoveTools, SendItem, SendJournal } from "./ports.ts";
import type { SendResume } from "./resume.ts";

/** A store's clock may be this far behind ours when it dates an upload. */
const CLOCK_SLACK_MS = 5 * 60_000;
/** Nobody waits longer for a pause to be over. */
const LATE_ANSWER_MS = 3000;

export type OpenedUpload = {
  readonly upload: UploadRef;
  readonly resume: Exclude<SendResume, { step: "intent" }>;
};

/**
 * The upload to send parts to: the one that is open already, or a new one. The intent is durable
 * before the store is asked, so that an upload whose id we never learned is found again and neither
 * stays behind unseen nor is opened twice.
 */
export async function openUpload(
  item: Pick<SendItem, "key" | "sizeBytes" | "attributes" | "resume">,
  partSizeBytes: number,
  { journal, tools, signal }: { journal: SendJournal; tools: MoveTools; signal: AbortSignal },
): Promise<OpenedUpload> {
  const { resume } = item;
  if (resume !== null && resume.step !== "intent") {
    return { upload: { key: item.key, uploadId: resume.uploadId }, resume };
  }
  const intent = resume ?? {
    step: "intent",
    partSizeBytes,
    sizeBytes: item.sizeBytes,
    intentAtMs: tools.clock.wallMs(),
  };
  if (resume === null) await journal.saved(intent);
  const upload = await createOrAdopt(item, intent, { tools, signal, isFirst: resume === null });
  const { uploadId, expiresAtMs } = upload;
  const known = { uploadId, ...(expiresAtMs !== undefined && { expiresAtMs }) };
  const opened = { ...intent, step: "opened", ...known } as const;
  await journal.saved(opened);
  return { upload, resume: opened };
}

type CreateOptions = {
  readonly tools: MoveTools;
  readonly signal: AbortSignal;
  /** Nobody can have asked for this upload before. */
  readonly isFirst: boolean;
};

/**
 * A store that was asked opens an upload, whoever listens by then: its answer is waited for a little
 * while after an abort, so that its id is known.
 */
async function askForUpload(
  { store }: Pick<MoveTools, "store">,
  key: string,
  options: UploadOptions,
  signal: AbortSignal,
): Promise<UploadRef> {
  signal.throwIfAborted();
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const hurry = () => {
    timer = setTimeout(() => late.abort(signal.reason), LATE_ANSWER_MS);
  };
  signal.addEventListener("abort", hurry, { once: true });
  try {
    return await store.openUpload(key, options, late.signal);
  } finally {
    signal.removeEventListener("abort", hurry);
    clearTimeout(timer);
  }
}

/** Asked again after an answer that was lost, the store may have the upload already. */
async function createOrAdopt(
  { key, attributes }: Pick<SendItem, "key" | "attributes">,
  intent: SendResume,
  { tools, signal, isFirst }: CreateOptions,
): Promise<UploadRef> {
  let isAsked = !isFirst;
  const attempt = async (): Promise<UploadRef> => {
    const orphan = isAsked ? await findOrphan(tools.store, key, intent, signal) : undefined;
    if (orphan !== undefined) return orphan;
    isAsked = true;
    const options = { partSizeBytes: intent.partSizeBytes, attributes };
    return await askForUpload(tools, key, options, signal);
  };
  return await tools.retry.run(null, attempt, signal);
}

/**
 * The upload that an intent led to, if there is exactly one that can be it: of this key, not older,
 * and without parts, because the first part is sent only after the id is durable. Where the store
 * does not let us look there is none.
 */
export async function findOrphan(
  store: Store,
  key: string,
  intent: SendResume,
  signal: AbortSignal,
): Promise<UploadRef | undefined> {
  try {
    const found = await store.findUploads(key, signal);
    const young = found.filter(
      ({ startedAtMs }) => startedAtMs >= intent.intentAtMs - CLOCK_SLACK_MS,
    );
    const empty = [];
    for (const { uploadId } of young) {
      const page = await store.listParts({ key, uploadId }, null, signal);
      if (page.parts.length === 0) empty.push({ key, uploadId });
    }
    return empty.length === 1 ? empty[0] : undefined;
  } catch (error) {
    if (isAbort(error) || !(error instanceof LonghaulError) || isRetryable(error.code)) throw error;
    return undefined;
  }
}
