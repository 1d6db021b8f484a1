import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { LibraryRow } from "./library-rows.ts";
import type { Measure, Ticks } from "./ticks.ts";
import { setTicks } from "./ticks.ts";

/** Ticks belong to one bucket: a download has one. */
export type TickPlace = { readonly profileId: ProfileId; readonly bucket: string };

type TickState = {
  readonly at: TickPlace | null;
  readonly ticks: Ticks;
  /** Of prefixes, by prefix. */
  readonly measures: ReadonlyMap<string, Measure>;
};

/** What is ticked in the Library. It stays while the person looks into other prefixes of the bucket. */
export const useTickStore = create<TickState>(() => ({
  at: null,
  ticks: new Map(),
  measures: new Map(),
}));

/** Ticks and measures of another bucket go. */
export function tickIn({ profileId, bucket }: TickPlace): void {
  const now = useTickStore.getState().at;
  if (now?.profileId === profileId && now.bucket === bucket) return;
  useTickStore.setState({ at: { profileId, bucket }, ticks: new Map(), measures: new Map() });
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

export function clearTicks(): void {
  useTickStore.setState({ ticks: new Map() });
}

let isMeasuring = false;

/** Counts the ticked prefixes, one after the other, so that a thousand ticks are not a thousand calls at once. */
async function measureTicked(client: Client): Promise<void> {
  if (isMeasuring) return;
  isMeasuring = true;
  for (let next = nextUnmeasured(); next; next = nextUnmeasured()) {
    const { at, prefix } = next;
    const measure = await measurePrefix(client, at, prefix);
    useTickStore.setState((state) =>
      state.at === at ? { measures: new Map(state.measures).set(prefix, measure) } : state,
    );
  }
  isMeasuring = false;
}

function nextUnmeasured(): { readonly at: TickPlace; readonly prefix: string } | undefined {
  const { at, ticks, measures } = useTickStore.getState();
  if (!at) return undefined;
  for (const row of ticks.values()) {
    if (row.kind === "prefix" && !measures.has(row.key)) return { at, prefix: row.key };
  }
  return undefined;
}

async function measurePrefix(client: Client, at: TickPlace, prefix: string): Promise<Measure> {
  try {
    const counted = await client.call("library.measure", { ...at, prefixes: [prefix] });
    return { kind: "measured", ...counted };
  } catch {
    // The sum then says "at least"; getting the prefix says why, if it still does not answer.
    return { kind: "failed" };
  }
}
