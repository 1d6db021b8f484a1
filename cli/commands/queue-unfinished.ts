import type { UnfinishedPiece, UnfinishedTransfer } from "#shared/unfinished.ts";
import { formatBytes, formatDuration } from "#shared/format.ts";
import type { CommandContext } from "../context.ts";
import { showName } from "../quote.ts";
import { plainSession, withSession } from "../session.ts";

/** `longhaul queue ls --unfinished`: what transfers that are not under way have left, here and at stores. */
export async function listUnfinished(
  flags: { readonly json: boolean },
  context: CommandContext,
): Promise<number> {
  return withSession(context.openEngine, plainSession("queue"), async ({ client }) => {
    const { terminal, clock } = context;
    const found = await client.call("transfer.unfinished", null);
    for (const one of found) {
      const lines = flags.json
        ? [JSON.stringify({ type: "unfinished", ...one })]
        : linesOf(one, clock.wallMs());
      for (const line of lines) terminal.out(line);
    }
    const canChoose = found.some(({ isRemoving }) => !isRemoving);
    if (canChoose && !flags.json) terminal.err(HINT);
    if (found.length === 0) terminal.err("Nothing is unfinished.");
    return 0;
  });
}

const HINT =
  "To go on: longhaul queue resume ID. To remove what is held: longhaul queue cancel ID.";

/** A line for the transfer, and one below it for each object or file that was begun. */
function linesOf(transfer: UnfinishedTransfer, nowMs: number): readonly string[] {
  const { id, name, pieces, pieceCount } = transfer;
  const head = `${id}  ${showName(name)}  ${stateOf(transfer)}`;
  const more = pieceCount > pieces.length ? [`  and ${pieceCount - pieces.length} more`] : [];
  return [head, ...pieces.map((piece) => lineOf(piece, transfer, nowMs)), ...more];
}

function stateOf({ phase, isRemoving }: UnfinishedTransfer): string {
  if (isRemoving) return "canceled, being removed";
  return phase === "canceled" ? "canceled, kept" : phase;
}

function lineOf(
  piece: UnfinishedPiece,
  { createdAtMs }: UnfinishedTransfer,
  nowMs: number,
): string {
  const sinceMs = piece.kind === "upload" ? piece.startedAtMs : createdAtMs;
  const age = formatDuration(Math.max(0, nowMs - sinceMs) / 1000).padEnd(12);
  const held = formatBytes(piece.heldBytes, "decimal");
  const size = formatBytes(piece.sizeBytes, "decimal");
  const place =
    piece.kind === "upload" ? `s3://${piece.bucket}/${showName(piece.key)}` : showName(piece.path);
  return `  ${age}  ${`${held} of ${size}`.padEnd(22)}  ${place}${endOf(piece, nowMs)}`;
}

/** The store aborts some uploads by itself after a while. */
function endOf(piece: UnfinishedPiece, nowMs: number): string {
  if (piece.kind === "file" || piece.expiresAtMs === null) return "";
  const leftSeconds = (piece.expiresAtMs - nowMs) / 1000;
  return leftSeconds > 0 ? `  expires in ${formatDuration(leftSeconds)}` : "  may have expired";
}
