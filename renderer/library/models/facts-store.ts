import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import { toErrorInfo } from "#shared/errors.ts";
import type { Described, ModelEntry, ModelFile, ModelVariant } from "#shared/library-models.ts";
import type { Destination } from "#shared/settings.ts";
import { variantId } from "./model-rows.ts";

/** A variant, and where it belongs. */
export type Wanted = { readonly model: ModelEntry; readonly variant: ModelVariant };

let wanted: readonly Wanted[] = [];
let isAsking = false;

/** What was read of a variant. Without facts nothing could be read. */
export type Known = {
  readonly facts: Described[number]["facts"] | undefined;
  readonly error: Described[number]["error"];
  readonly isDeep: boolean;
};

type Facts = {
  readonly place: Destination | null;
  /** By `variantId`. */
  readonly known: ReadonlyMap<string, Known>;
};

export const useFactsStore = create<Facts>(() => ({ place: null, known: new Map() }));

export function useFacts(model: ModelEntry, variant: ModelVariant | undefined): Known | undefined {
  return useFactsStore((state) =>
    variant ? state.known.get(variantId(model, variant)) : undefined,
  );
}

/** Another place, or the same listed again. The host keeps what it read, by version. */
export function forgetFacts(place: Destination): void {
  wanted = [];
  useFactsStore.setState({ place, known: new Map() });
}

/** Variants in one question. */
const AT_ONCE = 8;
/** As the contract allows. */
const MOST_HEADS = 256;

/** These are on screen. What was wanted before, and is not among them, is asked for no more. */
export function wantFacts(client: Client, visible: readonly Wanted[]): void {
  wanted = visible;
  void askOn(client);
}

async function askOn(client: Client): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  for (let next = unknown(); next.length > 0; next = unknown()) await ask(client, next, false);
  isAsking = false;
}

function unknown(): readonly Wanted[] {
  const { place, known } = useFactsStore.getState();
  if (place === null) return [];
  return wanted
    .filter(({ model, variant }) => !known.has(variantId(model, variant)))
    .slice(0, AT_ONCE);
}

/** Reads all that the heads of one variant say. */
export async function wantDetail(client: Client, { model, variant }: Wanted): Promise<void> {
  const known = useFactsStore.getState().known.get(variantId(model, variant));
  if (known?.isDeep && known.error === null) return;
  await ask(client, [{ model, variant }], true);
}

async function ask(client: Client, asked: readonly Wanted[], isDeep: boolean): Promise<void> {
  const { place } = useFactsStore.getState();
  if (!place) return;
  const { profileId, bucket } = place;
  const variants = asked.map(({ variant }) => ({
    format: variant.format,
    heads: isDeep ? allHeads(variant) : variant.heads,
  }));
  let answers: readonly Pick<Known, "facts" | "error">[];
  try {
    answers = await client.call("library.describe", { profileId, bucket, variants, isDeep });
  } catch (thrown) {
    const error = toErrorInfo(thrown);
    answers = asked.map(() => ({ facts: undefined, error }));
  }
  useFactsStore.setState((state) => {
    if (state.place !== place) return state;
    const known = new Map(state.known);
    for (const [at, { model, variant }] of asked.entries()) {
      const id = variantId(model, variant);
      const answer = answers[at] ?? { facts: undefined, error: null };
      // What was read for the list stays where the detail could not be read.
      const facts = answer.facts ?? known.get(id)?.facts;
      known.set(id, { facts, error: answer.error, isDeep });
    }
    return { known };
  });
}

/** The heads of every shard, after those that the list reads. */
function allHeads({ heads, files }: ModelVariant): ModelFile[] {
  const listed = new Set(heads.map(({ key }) => key));
  return [...heads, ...files.filter(({ key }) => !listed.has(key))].slice(0, MOST_HEADS);
}
