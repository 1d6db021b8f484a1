import { useCallback, useEffect } from "react";
import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { HereState, ListedObject } from "#shared/library-here.ts";
import { MOST_ASKED } from "#shared/library-here.ts";
import { useClient } from "../host/host.ts";
import { useReturn } from "../host/use-return.ts";
import type { TickPlace } from "./tick-store.ts";

type HereStates = {
  readonly at: TickPlace | null;
  /** Of objects that were asked for, by key; a version that is listed anew is asked for anew. */
  readonly states: ReadonlyMap<string, { readonly etag: string; readonly state: HereState }>;
};

/** What is here of the objects on screen. */
export const useHereStore = create<HereStates>(() => ({ at: null, states: new Map() }));

let shown: readonly ListedObject[] = [];
let listed: readonly ListedObject[] = [];
let detailed: readonly ListedObject[] = [];
let isAsking = false;
/** Counts the moments after which something that is known may be so no longer. */
let moment = 0;
/** After it anything may have changed; after the other what was not here yet. */
let changedAt = 0;
let movedAt = 0;
/** The moment that an object was asked for, by key. */
const askedAt = new Map<string, number>();

/** These are on screen now: what is not known of them is asked for. */
export function wantHere(client: Client, at: TickPlace, objects: readonly ListedObject[]): void {
  goTo(at);
  shown = objects;
  void ask(client);
}

/** Of these it has to be known, too, whether they are on screen or not. */
export function wantAllHere(client: Client, at: TickPlace, objects: readonly ListedObject[]): void {
  goTo(at);
  listed = objects;
  void ask(client);
}

/** Of these the details are open, whether the list shows them or not. */
export function wantDetailHere(
  client: Client,
  at: TickPlace,
  objects: readonly ListedObject[],
): void {
  goTo(at);
  detailed = objects;
  void ask(client);
}

function goTo({ profileId, bucket }: TickPlace): void {
  const now = useHereStore.getState().at;
  if (now?.profileId === profileId && now.bucket === bucket) return;
  [shown, listed, detailed] = [[], [], []];
  askedAt.clear();
  useHereStore.setState({ at: { profileId, bucket }, states: new Map() });
}

/** What is here has changed, or may have: what is wanted is asked for again, now or when it is. */
export function askHereAgain(client: Client): void {
  moment += 1;
  [changedAt, movedAt] = [moment, moment];
  void ask(client);
}

/** Bytes came of something: what is on screen and not here yet is asked for again, now or when it is. */
export function askUnfinishedAgain(client: Client): void {
  moment += 1;
  movedAt = moment;
  void ask(client);
}

/** One question at a time, for what is wanted when it is asked. */
async function ask(client: Client): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  for (let next = nextQuestion(); next; next = nextQuestion()) {
    const { at, objects } = next;
    try {
      take(at, objects, await client.call("library.here", { ...at, objects }));
    } catch {
      // The column stays as it is; the next change asks again.
      for (const { key } of objects) askedAt.delete(key);
      break;
    }
  }
  isAsking = false;
}

function nextQuestion() {
  const { at, states } = useHereStore.getState();
  if (!at) return null;
  const stale = [
    ...[...shown, ...detailed].filter((object) => !isFresh(object, states, movedAt)),
    // Of what nobody sees, how far it has come is of no interest.
    ...listed.filter((object) => !isFresh(object, states, changedAt)),
  ];
  const isKnown = ({ key, etag }: ListedObject) => states.get(key)?.etag === etag;
  // What is not known at all comes before what may have changed, however fast that changes.
  const sorted = [...stale.filter((object) => !isKnown(object)), ...stale.filter(isKnown)];
  const byKey = new Map(sorted.map((object) => [object.key, object]));
  const objects = [...byKey.values()].slice(0, MOST_ASKED);
  for (const { key } of objects) askedAt.set(key, moment);
  return objects.length === 0 ? null : { at, objects };
}

function isFresh(
  { key, etag }: ListedObject,
  states: HereStates["states"],
  unfinishedSince: number,
): boolean {
  const known = states.get(key);
  const since = known?.state.state === "here" ? changedAt : unfinishedSince;
  return known?.etag === etag && (askedAt.get(key) ?? -1) >= since;
}

function take(at: TickPlace, objects: readonly ListedObject[], found: readonly HereState[]): void {
  useHereStore.setState((now) => {
    if (now.at !== at) return now;
    const states = new Map(now.states);
    for (const [index, { key, etag }] of objects.entries()) {
      const state = found[index];
      if (state) states.set(key, { etag, state });
    }
    return { states };
  });
}

/** A transfer came to its end, or the cache changed. */
export function isHereChange(event: HostEvent): boolean {
  if (event.type === "cache") return true;
  return event.type === "transfers" && event.changed.some(({ state }) => "atMs" in state);
}

/** Tells when a transfer came to its end or the cache changed, or may have, while something is on screen. */
export function useHereChanges(onChange: () => void): void {
  const client = useClient();
  useEffect(
    () =>
      client.onEvent((event) => {
        if (isHereChange(event)) onChange();
      }),
    [client, onChange],
  );
  useReturn(onChange);
}

/** While a list is on screen, what it says is here is of now; nobody listened before it was. */
export function useFreshHere(): void {
  const client = useClient();
  const askAgain = useCallback(() => askHereAgain(client), [client]);
  useEffect(askAgain, [askAgain]);
  useHereChanges(askAgain);
  useEffect(
    () =>
      client.onEvent((event) => {
        if (event.type !== "transfers" || isHereChange(event)) return;
        const isDownload = event.changed.some(({ direction }) => direction === "download");
        if (isDownload) askUnfinishedAgain(client);
      }),
    [client],
  );
}
