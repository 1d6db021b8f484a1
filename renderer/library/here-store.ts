import { useEffect } from "react";
import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { HereState, ListedObject } from "#shared/library-here.ts";
import { MOST_ASKED } from "#shared/library-here.ts";
import { useClient } from "../host/host.ts";
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
let isAsking = false;
/** Keys of what is known, and may be so no longer. */
const stale = new Set<string>();

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

function goTo({ profileId, bucket }: TickPlace): void {
  const now = useHereStore.getState().at;
  if (now?.profileId === profileId && now.bucket === bucket) return;
  [shown, listed] = [[], []];
  stale.clear();
  useHereStore.setState({ at: { profileId, bucket }, states: new Map() });
}

/** What is here has changed, or may have: what is wanted is asked for again. */
export function askHereAgain(client: Client): void {
  for (const { key } of [...shown, ...listed]) stale.add(key);
  void ask(client);
}

/** Bytes came of something: what is on screen and not here yet is asked for again. */
export function askUnfinishedAgain(client: Client): void {
  const { states } = useHereStore.getState();
  for (const { key } of shown) if (states.get(key)?.state.state !== "here") stale.add(key);
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
      break;
    }
  }
  isAsking = false;
}

function nextQuestion() {
  const { at, states } = useHereStore.getState();
  if (!at) return null;
  const objects = new Map<string, ListedObject>();
  for (const object of [...shown, ...listed]) {
    const { key, etag } = object;
    if (stale.has(key) || states.get(key)?.etag !== etag) objects.set(key, object);
    if (objects.size === MOST_ASKED) break;
  }
  for (const key of objects.keys()) stale.delete(key);
  return objects.size === 0 ? null : { at, objects: [...objects.values()] };
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

/** Tells when a transfer came to its end or the cache changed, while something is on screen. */
export function useHereChanges(onChange: () => void): void {
  const client = useClient();
  useEffect(
    () =>
      client.onEvent((event) => {
        const isEnd =
          event.type === "transfers" && event.changed.some(({ state }) => "atMs" in state);
        if (isEnd || event.type === "cache") onChange();
      }),
    [client, onChange],
  );
}

/** While a list is on screen, what it says is here is of now. */
export function useFreshHere(): void {
  const client = useClient();
  useEffect(
    () =>
      client.onEvent((event) => {
        if (event.type === "cache") askHereAgain(client);
        if (event.type !== "transfers") return;
        if (event.changed.some(({ state }) => "atMs" in state)) askHereAgain(client);
        else if (event.changed.some(({ direction }) => direction === "download")) {
          askUnfinishedAgain(client);
        }
      }),
    [client],
  );
}
