import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { LibraryRow } from "./library-rows.ts";
import { measureObjects, measurePrefix } from "./measure-ticks.ts";
import type { Measure, Ticks } from "./ticks.ts";
import { setTicks } from "./ticks.ts";

/** Ticks belong to one bucket: a download has one. */
export type TickPlace = { readonly profileId: ProfileId; readonly bucket: string };

type TickState = {
  readonly at: TickPlace | null;
  readonly ticks: Ticks;
  /** Of prefixes, by prefix. */
  readonly measures: ReadonlyMap<string, Measure>;
  /** Where they would go; what is there already is measured with them. */
  readonly folder: LocalRef | null;
  /** What is there of the ticked objects; null while that is being found out. */
  readonly objects: { readonly ticks: Ticks; readonly hereBytes: number } | null;
  /** The archive that is to be unpacked when it is here; it counts while it is all that is ticked. */
  readonly unpackedKey: string | null;
};

const NOTHING = {
  ticks: new Map(),
  measures: new Map(),
  objects: null,
  unpackedKey: null,
} as const;

/** What is ticked in the Library. It stays while the person looks into other prefixes of the bucket. */
export const useTickStore = create<TickState>(() => ({
  at: null,
  folder: null,
  ...NOTHING,
}));

/** Ticks and measures of another bucket go. */
export function tickIn({ profileId, bucket }: TickPlace): void {
  const now = useTickStore.getState().at;
  if (now?.profileId === profileId && now.bucket === bucket) return;
  useTickStore.setState({ at: { profileId, bucket }, ...NOTHING });
}

export function tickRows(client: Client, rows: readonly LibraryRow[], isTicked: boolean): void {
  useTickStore.setState(({ ticks }) => ({ ticks: setTicks(ticks, rows, isTicked) }));
  void measureTicked(client);
}

/** As `tickRows`, where a tick takes the place of others. */
export function changeTicks(client: Client, change: (ticks: Ticks) => Ticks): void {
  useTickStore.setState(({ ticks }) => ({ ticks: change(ticks) }));
  void measureTicked(client);
}

/** Ticked objects that are listed again are what they are now. */
export function renewTicks(client: Client, rows: readonly LibraryRow[]): void {
  const { ticks } = useTickStore.getState();
  const changed = rows.flatMap((row) => {
    const ticked = ticks.get(row.key);
    if (ticked?.kind !== "object" || row.kind !== "object" || ticked.etag === row.etag) return [];
    // Where it lands was said when it was ticked.
    const { keptFolder: _, ...now } = row;
    return [{ ...ticked, ...now }];
  });
  if (changed.length > 0) tickRows(client, changed, true);
}

/** What moves from now on is measured anew when it is ticked again. */
export function clearTicks(): void {
  useTickStore.setState(NOTHING);
}

/** What is there already depends on where they would go. */
export function tickInto(client: Client, folder: LocalRef | null): void {
  if (JSON.stringify(folder) === JSON.stringify(useTickStore.getState().folder)) return;
  useTickStore.setState({ folder, measures: new Map(), objects: null });
  void measureTicked(client);
}

/** Files came or went: what is there of the ticks is found out again. */
export function measureAgain(client: Client): void {
  const { ticks } = useTickStore.getState();
  if (ticks.size === 0) return;
  useTickStore.setState({ measures: new Map(), objects: null });
  void measureTicked(client);
}

let isMeasuring = false;

/**
 * Counts the ticked prefixes, one after the other, so that a thousand ticks are not a thousand calls
 * at once; then what is in the folder of the ticked objects.
 */
async function measureTicked(client: Client): Promise<void> {
  if (isMeasuring) return;
  isMeasuring = true;
  for (let next = nextUnmeasured(); next; next = nextUnmeasured()) {
    if (next.kind === "prefix") await takePrefix(client, next);
    else await takeObjects(client, next);
  }
  isMeasuring = false;
}

type Place = { readonly at: TickPlace; readonly folder: LocalRef | null };
type Unmeasured = Place &
  (
    | { readonly kind: "prefix"; readonly prefix: string }
    | { readonly kind: "objects"; readonly ticks: Ticks }
  );

function nextUnmeasured(): Unmeasured | undefined {
  const { at, folder, ticks, measures, objects } = useTickStore.getState();
  if (!at) return undefined;
  for (const row of ticks.values()) {
    if (row.kind === "prefix" && !measures.has(row.key)) {
      return { kind: "prefix", at, folder, prefix: row.key };
    }
  }
  return objects?.ticks === ticks ? undefined : { kind: "objects", at, folder, ticks };
}

async function takePrefix(client: Client, next: Unmeasured & { kind: "prefix" }): Promise<void> {
  const measure = await measurePrefix(client, next, next.prefix);
  useTickStore.setState((state) =>
    isStill(next, state) ? { measures: new Map(state.measures).set(next.prefix, measure) } : state,
  );
}

async function takeObjects(client: Client, next: Unmeasured & { kind: "objects" }): Promise<void> {
  const hereBytes = await measureObjects(client, next, next.ticks);
  useTickStore.setState((state) =>
    isStill(next, state) ? { objects: { ticks: next.ticks, hereBytes } } : state,
  );
}

/** An answer for another bucket or folder is of no use. */
function isStill(asked: Place, now: Place | TickState): boolean {
  return asked.at === now.at && asked.folder === now.folder;
}
