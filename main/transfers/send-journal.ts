import type { SendJournal } from "../parts/ports.ts";
import type { SentPart } from "../parts/resume.ts";
import type { ItemAtWork } from "./item-at-work.ts";
import { tellOtherUploads } from "./other-uploads.ts";

/**
 * Keeps how far the upload of an item came.
 *
 * @param sent Is kept up to date with the parts that the store has.
 */
export function sendJournal(
  work: ItemAtWork,
  key: string,
  sent: Map<number, SentPart>,
  signal: AbortSignal,
): SendJournal {
  const { journal, isJournalLost } = work.run.ports;
  const { transferId, index } = work.row;
  return {
    saved: async (send) => {
      if (send.step === "intent") {
        sent.clear();
        await journal.commit([{ type: "parts-dropped", transferId, itemIndex: index }]);
      }
      await work.saveResume({ send });
      if (send.step !== "opened" || isJournalLost !== true) return;
      await tellOtherUploads(work, { key, uploadId: send.uploadId }, signal);
    },
    stored: async (part) => {
      sent.set(part.number, part);
      await journal.commit([
        { type: "part-stored", transferId, itemIndex: index, part: { ...part, proof: null } },
      ]);
    },
    mayLand: async (sha256) => await work.saveResume({ mayHaveLanded: sha256 }),
  };
}

/** The parts of an item that an earlier run sent. */
export async function readSent(work: ItemAtWork): Promise<Map<number, SentPart>> {
  const sent = new Map<number, SentPart>();
  if (work.resume.send === null) return sent;
  const { transferId, index } = work.row;
  for (const part of await work.run.ports.journal.parts(transferId, index)) {
    const { number, start, end, etag, sha256 } = part;
    if (etag !== null && sha256 !== null) sent.set(number, { number, start, end, etag, sha256 });
  }
  return sent;
}
