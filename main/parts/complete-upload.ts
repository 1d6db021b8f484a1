import { LonghaulError } from "#shared/errors.ts";
import type { StoredPart } from "../stores/store.ts";
import { compositeEtag, findOurs } from "./find-ours.ts";
import type { OpenedUpload } from "./open-upload.ts";
import type { MoveTools, SendItem, SendJournal } from "./ports.ts";
import type { SentPart } from "./resume.ts";

/** What an object is known by once it is there. */
export type Completed = {
  readonly etag: string;
  readonly versionId: string | null;
  /** See `Stored`. */
  readonly isCheckedBefore?: boolean;
};

export type CompleteMeans = {
  readonly journal: SendJournal;
  readonly tools: MoveTools;
  readonly signal: AbortSignal;
};

/** What the end of an upload needs to know of it. */
export type CompleteItem = Pick<SendItem, "key" | "condition" | "sizeBytes">;

/**
 * Makes the object appear out of its parts. That it was asked for
 * is durable before it is: after a lost answer the store says that the upload is gone, and only who
 * knows that it may have been completed may look for the object.
 *
 * @param parts All of them, in number order.
 */
export async function completeUpload(
  item: CompleteItem,
  { upload, resume }: OpenedUpload,
  parts: readonly SentPart[],
  { journal, tools, signal }: CompleteMeans,
): Promise<Completed> {
  tools.observer.stage("finalising");
  const { condition, sizeBytes } = item;
  const replacedEtag = condition.kind === "same" ? condition.etag : undefined;
  await journal.saved({ ...resume, step: "completing", replacedEtag });
  let isAsked = resume.step === "completing";
  let isContended = false;
  const order = { upload, parts: parts.map(toStoredPart), condition, sizeBytes };
  const attempt = async (): Promise<Completed> => {
    const wasAsked = isAsked;
    isAsked = true;
    try {
      return await tools.store.complete(order, signal);
    } catch (error) {
      const isMaybeDone = wasAsked && mayHaveWorked(error);
      const ours = isMaybeDone ? await findObject(item, parts, tools, signal) : undefined;
      if (ours !== undefined) return ours;
      if (isContended || !isContention(error)) throw error;
      isContended = true;
      return await attempt();
    }
  };
  return await tools.retry.run(null, attempt, signal);
}

/** The object that an upload was completed into, for when the store no longer knows the upload. */
export async function findCompleted(
  item: Pick<CompleteItem, "key">,
  parts: readonly SentPart[],
  { tools, signal }: CompleteMeans,
): Promise<Completed | undefined> {
  return await tools.retry.run(null, () => findObject(item, parts, tools, signal), signal);
}

async function findObject(
  { key }: Pick<CompleteItem, "key">,
  parts: readonly SentPart[],
  { store }: MoveTools,
  signal: AbortSignal,
): Promise<Completed | undefined> {
  const mark = { etag: compositeEtag(parts.map(({ etag }) => etag)), pieces: parts };
  return await findOurs(store, key, mark, signal);
}

/**
 * Another write of the key was under way. Some stores let the same Complete be asked again; where it
 * is refused again, the upload is of no use any more.
 */
export function isContention(error: unknown): boolean {
  return error instanceof LonghaulError && error.details.cause === "ConditionalRequestConflict";
}

/** How a store answers when the same was asked before and took effect. */
function mayHaveWorked(error: unknown): boolean {
  return (
    error instanceof LonghaulError && (error.code === "upload-gone" || error.code === "conflict")
  );
}

function toStoredPart({ number, start, end, etag, sha256 }: SentPart): StoredPart {
  return { number, sizeBytes: end - start, etag, sha256 };
}
