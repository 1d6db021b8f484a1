import type { UnfinishedPiece, UnfinishedTransfer } from "#shared/unfinished.ts";
import type { ProfileId, ProviderPreset } from "#shared/profile.ts";
import type { SendResume } from "../parts/resume.ts";
import type { Journal } from "./journal.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { TransferSpec } from "./transfer-spec.ts";
import { UNFINISHED_PIECES_MAX } from "#shared/unfinished.ts";
import { pagesOf } from "./discard-items.ts";
import { keyFor } from "./item-names.ts";
import { isUnwanted } from "./transfer-state.ts";
import { isOfArrivals, readResume } from "./item-record.ts";

type PresetOf = (id: ProfileId) => ProviderPreset | undefined;

/** Milliseconds after which a provider aborts what was begun, without saying so in its answers. */
const KEPT_MS: Partial<Record<ProviderPreset, number>> = { r2: 7 * 24 * 3_600_000 };

type Reading = Pick<Journal, "items" | "parts">;

/** Whether something of a transfer that is not finished is left, here or at the store. */
export async function hasBegun(
  journal: Pick<Journal, "items">,
  record: TransferRecord,
): Promise<boolean> {
  for await (const rows of pagesOf(journal, record)) {
    for (const { resume } of rows) {
      const { send, fetch } = readResume(resume);
      if (send !== null || fetch !== null) return true;
    }
  }
  return false;
}

/** What a transfer that is not under way has left; null when there is nothing. */
export async function findUnfinished(
  journal: Reading,
  record: TransferRecord,
  presetOf: PresetOf = () => undefined,
): Promise<UnfinishedTransfer | null> {
  const { id, direction, name, state, spec } = record;
  const { phase } = state;
  if (phase === "done" || phase === "running" || phase === "verifying") return null;
  const isRemoving = isUnwanted(state);
  const pieces: UnfinishedPiece[] = [];
  let pieceCount = 0;
  for await (const rows of pagesOf(journal, record)) {
    for (const row of rows) {
      const piece = await pieceOf({ journal, presetOf }, spec, sized(row, record));
      // What may only appear yet nobody can remove by hand.
      if (piece === null || (isRemoving && isOnlyIntended(piece))) continue;
      pieceCount += 1;
      if (pieces.length < UNFINISHED_PIECES_MAX) pieces.push(piece);
    }
  }
  if (pieceCount === 0) return null;
  return {
    id,
    direction,
    name,
    phase,
    isRemoving,
    createdAtMs: record.createdAtMs,
    pieces,
    pieceCount,
  };
}

/** What is packed of others' bytes has none of its own. */
function sized(row: Row, { totals }: TransferRecord): Row {
  return isOfArrivals(row.source) ? { ...row, sizeBytes: totals.sizeBytes } : row;
}

function isOnlyIntended(piece: UnfinishedPiece): boolean {
  return piece.kind === "upload" && piece.uploadId === null;
}

type Row = Awaited<ReturnType<Journal["items"]>>[number];

async function pieceOf(
  { journal, presetOf }: { readonly journal: Reading; readonly presetOf: PresetOf },
  spec: TransferSpec,
  { transferId, index, name, sizeBytes, resume }: Row,
): Promise<UnfinishedPiece | null> {
  const { send, fetch, otherName } = readResume(resume);
  if (send !== null && spec.kind !== "download") {
    const parts = await journal.parts(transferId, index);
    const { profileId, bucket } = spec.destination;
    return {
      kind: "upload",
      profileId,
      bucket,
      key: keyFor(spec, otherName ?? name),
      uploadId: send.step === "intent" ? null : send.uploadId,
      startedAtMs: send.intentAtMs,
      expiresAtMs: expiryOf(send, presetOf(profileId)),
      heldBytes: sumOf(parts),
      sizeBytes,
    };
  }
  if (fetch === null) return null;
  return { kind: "file", path: fetch.part.path, heldBytes: sumOf(fetch.durable), sizeBytes };
}

/** As the store said it, else as the provider is known to do it. */
function expiryOf(send: SendResume, preset: ProviderPreset | undefined): number | null {
  if (send.step !== "intent" && send.expiresAtMs !== undefined) return send.expiresAtMs;
  const keptMs = preset === undefined ? undefined : KEPT_MS[preset];
  return keptMs === undefined ? null : send.intentAtMs + keptMs;
}

function sumOf(ranges: readonly { readonly start: number; readonly end: number }[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
