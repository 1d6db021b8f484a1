import type { ErrorInfo } from "#shared/errors.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { explainError } from "#shared/error-words.ts";
import { remoteOf } from "./place-text.ts";

/** One cause that several transfers wait for, at one profile. */
export type SharedTrouble = {
  /** `keys` needs a person; `endpoint` heals by itself. */
  readonly kind: "keys" | "endpoint";
  readonly profileId: ProfileId;
  readonly profileName: string;
  /** What is the case, in one sentence. */
  readonly what: string;
  readonly ids: readonly TransferId[];
};

/** A lone transfer says it in its own row. */
const SHARED_FROM = 2;

export function findSharedTroubles(views: Iterable<TransferView>): readonly SharedTrouble[] {
  const found = new Map<string, SharedTrouble>();
  for (const view of views) {
    const kind = troubleOf(view);
    const remote = remoteOf(view);
    if (kind === null || remote === null) continue;
    const key = `${kind} ${remote.profileId}`;
    const known = found.get(key);
    found.set(key, {
      kind,
      profileId: remote.profileId,
      profileName: remote.profileName,
      what: known?.what ?? wordsOf(view, remote.profileName),
      ids: [...(known?.ids ?? []), view.id],
    });
  }
  return [...found.values()].filter(({ ids }) => ids.length >= SHARED_FROM);
}

function troubleOf({ state }: TransferView): SharedTrouble["kind"] | null {
  if (state.phase === "paused" || state.phase === "queued") {
    if (state.cause === "credentials") return "keys";
    return state.cause === "offline" ? "endpoint" : null;
  }
  const error = stalledBy(state);
  return error && isEndpointAway(error) ? "endpoint" : null;
}

export function isEndpointAway({ code }: ErrorInfo): boolean {
  return code === "unreachable" || code === "unknown-host";
}

function stalledBy(state: TransferView["state"]): ErrorInfo | null {
  if (state.phase !== "running" || state.activity.kind !== "stalled") return null;
  return state.activity.retry?.error ?? null;
}

function wordsOf({ state }: TransferView, profileName: string): string {
  const error = state.phase === "paused" ? state.error : stalledBy(state);
  return error ? explainError(error).what : `${profileName} cannot be used now.`;
}

export function areSameTroubles(
  one: readonly SharedTrouble[],
  other: readonly SharedTrouble[],
): boolean {
  return (
    one.length === other.length &&
    one.every((trouble, index) => {
      const twin = other[index];
      return (
        twin !== undefined &&
        twin.kind === trouble.kind &&
        twin.profileId === trouble.profileId &&
        twin.what === trouble.what &&
        twin.ids.join() === trouble.ids.join()
      );
    })
  );
}
