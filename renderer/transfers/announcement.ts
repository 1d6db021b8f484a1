import type { TransferId, TransferView } from "#shared/transfer.ts";
import type { Look } from "./look.ts";
import { lookOf } from "./look.ts";

/** More at once would be talked over anyway; the rest is summed. */
const SPOKEN_AT_ONCE = 3;

/** What a screen reader is told of an event: changes of state, never ticks. */
export function announceChanges(
  before: ReadonlyMap<TransferId, TransferView>,
  changed: readonly TransferView[],
): readonly string[] {
  const said = changed.flatMap((view) => {
    const text = announcementOf(before.get(view.id), view);
    return text === null ? [] : [text];
  });
  if (said.length <= SPOKEN_AT_ONCE) return said;
  return [...said.slice(0, SPOKEN_AT_ONCE), `And ${said.length - SPOKEN_AT_ONCE} more transfers.`];
}

export function announcementOf(
  before: TransferView | undefined,
  after: TransferView,
): string | null {
  const look = lookOf(after);
  if (before === undefined) return `${after.name} is on the list.`;
  if (lookOf(before) === look) return null;
  const words = WORDS[look];
  return words === null ? null : `${after.name} ${words}.`;
}

const WORDS: Readonly<Record<Look, string | null>> = {
  moving: "is moving",
  verifying: "is being verified",
  // It heals by itself within seconds as a rule; saying so each time would be noise.
  stalled: null,
  waiting: "waits",
  paused: "is paused",
  asking: "needs you",
  failed: "has stopped with an error",
  done: "is done",
  gone: "is canceled",
};
