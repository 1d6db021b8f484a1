import type { Receipt } from "#shared/transfer.ts";
import type { PartLimits } from "../stores/store.ts";
import { abandonSend } from "./abandon.ts";
import { assertUnchanged } from "./assert-unchanged.ts";
import { choosePartSize } from "./plan-parts.ts";
import type { MoveTools, SendItem, SendJournal } from "./ports.ts";
import type { SendOutcome } from "./send-outcome.ts";
import { NOTE_CHECKED_BEFORE } from "./send-outcome.ts";
import { sendParts } from "./send-parts.ts";
import { sendWhole } from "./send-whole.ts";
import { countTwice } from "./twice-counter.ts";

/**
 * Uploads one file: whole, when it fits into one part, else in parts. Goes on where an earlier run
 * stopped. The object appears only if the file is, at the end, what it was at the start.
 *
 * @throws {LonghaulError} `source-changed`, `path-missing`, `path-denied` of the file; `conflict`
 * when `condition` does not hold; `upload-gone` when the store has forgotten the parts, or may have
 * completed them into an object that is not provably ours: begin anew with `resume: null`;
 * `corrupt`, `unsupported`; whatever the store says that no retry mends. AbortError.
 */
export async function sendItem(
  item: SendItem,
  journal: SendJournal,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Receipt> {
  const counted = countTwice(tools);
  counted.tools.observer.stage("preparing");
  const sent = await send(item, journal, counted.tools, signal);
  const { isCheckedBefore = false, ...outcome } = sent;
  return {
    ...outcome,
    sizeBytes: item.sizeBytes,
    movedTwiceBytes: counted.bytes(),
    notes: isCheckedBefore ? [NOTE_CHECKED_BEFORE] : [],
    finishedAtMs: tools.clock.wallMs(),
  };
}

async function send(
  given: SendItem,
  journal: SendJournal,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { limits } = tools.store;
  // Whoever reads a file that goes whole looks whether it is what it was: that is soon enough.
  if (given.resume === null && given.sizeBytes <= partSizeOf(given, limits)) {
    return await sendWhole(given, { journal, tools, signal });
  }
  await assertUnchanged(given);
  const item = await dropOutgrown(given, tools, signal);
  const partSizeBytes = item.resume?.partSizeBytes ?? partSizeOf(item, limits);
  if (item.resume === null && item.sizeBytes <= partSizeBytes) {
    return await sendWhole(item, { journal, tools, signal });
  }
  return await sendParts(item, partSizeBytes, { journal, tools, signal });
}

function partSizeOf({ sizeBytes, partSizeBytes }: SendItem, limits: PartLimits): number {
  return choosePartSize(sizeBytes, partSizeBytes, limits);
}

/** Parts of a file that had another size are no use: their upload is freed and a new one begun. */
async function dropOutgrown(
  item: SendItem,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<SendItem> {
  if (item.resume === null || item.resume.sizeBytes === item.sizeBytes) return item;
  await abandonSend(item.key, item.resume, tools, signal);
  return { ...item, resume: null, sent: [] };
}
