import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { toErrorInfo } from "#shared/errors.ts";
import type { ModelEntry, ModelPage } from "#shared/library-models.ts";
import type { Destination } from "#shared/settings.ts";
import { isSamePlace } from "../library-place.ts";
import { renewTicks } from "../tick-store.ts";
import { forgetFacts } from "./facts-store.ts";
import { rowsOf } from "./model-ticks.ts";
import { modelFiles } from "./model-words.ts";

export type Models = {
  /** What is looked at; null before the first. Compared by identity: an answer for another is dropped. */
  readonly place: Destination | null;
  readonly phase: "loading" | "ready" | "failed";
  readonly models: readonly ModelEntry[];
  /** For the next page; null when everything was looked at. */
  readonly cursor: string | null;
  readonly isLoadingMore: boolean;
  readonly objectCount: number;
  /** Objects that were looked at since the last model was found. */
  readonly dryCount: number;
  /** Why the first page, or the next, did not come. */
  readonly error: ErrorInfo | null;
  /** Prefixes of models whose variants are shown. */
  readonly opened: ReadonlySet<string>;
  /** The row whose detail is shown, by `rowId`. */
  readonly detail: string | null;
};

const NOTHING: Models = {
  place: null,
  phase: "loading",
  models: [],
  cursor: null,
  isLoadingMore: false,
  objectCount: 0,
  dryCount: 0,
  error: null,
  opened: new Set(),
  detail: null,
};

/** After so many objects without a model, looking further is a person's wish: a bucket may be all data. */
const MOST_DRY = 20_000;

export const useModelsStore = create<Models>(() => NOTHING);

/** Counts beginnings: a page that was asked for before one is not of the list that it began. */
let turn = 0;

/**
 * Looks at a place from its beginning. What was found at another place goes at once; at the same place
 * it stays on screen until the answer.
 */
export async function openModels(client: Client, place: Destination): Promise<void> {
  turn += 1;
  const before = useModelsStore.getState();
  const stays = before.phase === "ready" && isSamePlace(before.place, place);
  if (stays) useModelsStore.setState({ place, isLoadingMore: true, error: null });
  else {
    forgetFacts(place);
    useModelsStore.setState({ ...NOTHING, place });
  }
  await loadPage(client, place, null);
  await lookForFirst(client, place);
}

/** What follows the first is asked for by the list, once there is one. */
async function lookForFirst(client: Client, place: Destination | null): Promise<void> {
  while (isEmptySoFar(place)) await lookFurther(client);
}

function isEmptySoFar(place: Destination | null): boolean {
  const { models, error, ...now } = useModelsStore.getState();
  const isIdle = now.place === place && error === null && !now.isLoadingMore;
  return isIdle && models.length === 0 && mayLookFurther(now);
}

/** There is more, and models may well be in it. */
export function mayLookFurther({ cursor, dryCount }: Pick<Models, "cursor" | "dryCount">): boolean {
  return cursor !== null && dryCount < MOST_DRY;
}

/** The next page, unless it is on its way already or there is none. */
export async function lookFurther(client: Client): Promise<void> {
  const { place, cursor, isLoadingMore } = useModelsStore.getState();
  if (!place || cursor === null || isLoadingMore) return;
  useModelsStore.setState({ isLoadingMore: true, error: null });
  await loadPage(client, place, cursor);
}

/** As `lookFurther`, after many objects without a model: for as many again. */
export async function insistFurther(client: Client): Promise<void> {
  useModelsStore.setState({ dryCount: 0 });
  await lookFurther(client);
  await lookForFirst(client, useModelsStore.getState().place);
}

export function openModel(prefix: string, isOpen: boolean): void {
  useModelsStore.setState(({ opened }) => {
    const next = new Set(opened);
    if (isOpen) next.add(prefix);
    else next.delete(prefix);
    return { opened: next };
  });
}

export function showModelDetail(detail: string | null): void {
  useModelsStore.setState({ detail });
}

async function loadPage(client: Client, place: Destination, cursor: string | null): Promise<void> {
  const asked = turn;
  const stillWanted = () => turn === asked && useModelsStore.getState().place === place;
  try {
    const page = await client.call("library.models", { ...place, cursor });
    if (!stillWanted()) return;
    renewTicks(
      client,
      page.models.flatMap((model) => rowsOf(model, modelFiles(model))),
    );
    if (cursor === null) forgetFacts(place);
    useModelsStore.setState((state) => withPage(cursor === null ? FIRST : state, page));
  } catch (thrown) {
    if (!stillWanted()) return;
    useModelsStore.setState(({ models, objectCount }) => ({
      phase: models.length > 0 || objectCount > 0 ? "ready" : "failed",
      isLoadingMore: false,
      error: toErrorInfo(thrown),
    }));
  }
}

/** The first page takes the place of what was found before. */
const FIRST: Pick<Models, "models" | "objectCount" | "dryCount"> = NOTHING;

function withPage(state: typeof FIRST, page: ModelPage): Partial<Models> {
  return {
    phase: "ready",
    models: [...state.models, ...page.models],
    cursor: page.cursor,
    isLoadingMore: false,
    objectCount: state.objectCount + page.objectCount,
    dryCount: page.models.length > 0 ? 0 : state.dryCount + page.objectCount,
    error: null,
  };
}
