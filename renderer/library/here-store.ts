import { useEffect } from "react";
import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { HereState, ListedObject } from "#shared/library-here.ts";
import { MOST_ASKED } from "#shared/library-here.ts";
import { useClient } from "../host/host.ts";
import type { TickPlace } from "./tick-store.ts";

type HereStates = {
  readonly at: TickPlace | null;
  /** Of objects that were on screen, by key; a version that is listed anew is asked for anew. */
  readonly states: ReadonlyMap<string, { readonly etag: string; readonly state: HereState }>;
};

/** What is here of the objects on screen. */
export const useHereStore = create<HereStates>(() => ({ at: null, states: new Map() }));

let wanted: readonly ListedObject[] = [];
let isAsking = false;
let isStale = false;

/** These are on screen now: what is not known of them is asked for. */
export function wantHere(
  client: Client,
  { profileId, bucket }: TickPlace,
  objects: readonly ListedObject[],
): void {
  const now = useHereStore.getState().at;
  if (now?.profileId !== profileId || now.bucket !== bucket) {
    useHereStore.setState({ at: { profileId, bucket }, states: new Map() });
  }
  wanted = objects;
  void ask(client);
}

/** What is here has changed, or may have: what is on screen is asked for again. */
export function askHereAgain(client: Client): void {
  isStale = true;
  void ask(client);
}

/** One question at a time, for what is on screen when it is asked. */
async function ask(client: Client): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  for (let next = nextQuestion(); next; next = nextQuestion()) {
    const { at, objects } = next;
    try {
      take(at, objects, await client.call("library.here", { ...at, objects }));
    } catch {
      // The column stays empty; the next change asks again.
      break;
    }
  }
  isAsking = false;
}

function nextQuestion() {
  const { at, states } = useHereStore.getState();
  if (!at) return null;
  const isAll = isStale;
  isStale = false;
  const unknown = wanted.filter(({ key, etag }) => isAll || states.get(key)?.etag !== etag);
  return unknown.length === 0 ? null : { at, objects: unknown.slice(0, MOST_ASKED) };
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

/** Asks again when a transfer came to its end or the cache changed, while a list is on screen. */
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
