import type { ModelEntry, ModelFile, ModelPage } from "#shared/library-models.ts";
import { MOST_MODEL_FILES } from "#shared/library-models.ts";
import type { ListPage, ObjectInfo, Store } from "../stores/store.ts";
import { compareKeys } from "../stores/key-order.ts";
import { groupModels } from "./group-models.ts";
import { folderOf } from "./model-names.ts";
import { fromCursor, MOST_STRETCHES, toCursor, wholeStretch } from "./models-cursor.ts";
import type { Stretch } from "./models-cursor.ts";

const PAGE = 1000;
/** Stretches that are looked at side by side, and how often before an answer goes out. */
const AT_ONCE = 4;
const MOST_ROUNDS = 3;
/** Enough to fill a screen. */
const ENOUGH_MODELS = 20;
/** How deep folders are looked into when the first thousand objects hold no model. */
const DEEPEST_SPLIT = 6;

type Looked = {
  readonly models: readonly ModelEntry[];
  readonly objectCount: number;
  readonly next: readonly Stretch[];
};

/**
 * One page of models below a prefix, by a bounded number of listings. Where a thousand objects hold
 * no model, the folders beside them are looked at first: data sets often lie before models in order.
 */
export async function findModels(
  store: Store,
  { prefix, cursor }: { readonly prefix: string; readonly cursor: string | null },
  signal: AbortSignal,
): Promise<ModelPage> {
  let left = cursor === null ? [wholeStretch(prefix)] : inTurn(fromCursor(cursor, prefix));
  const models: ModelEntry[] = [];
  let objectCount = 0;
  for (let round = 0; round < MOST_ROUNDS && left.length > 0; round += 1) {
    const now = firstOf(left);
    const room = Math.floor(Math.max(0, MOST_STRETCHES - left.length) / now.length);
    const means = { store, top: prefix, room, signal };
    const looked = await Promise.all(now.map((stretch) => look(stretch, means)));
    models.push(...looked.flatMap((one) => one.models));
    objectCount += looked.reduce((sum, one) => sum + one.objectCount, 0);
    left = inTurn([...looked.flatMap((one) => one.next), ...left.slice(now.length)]);
    if (models.length >= ENOUGH_MODELS) break;
    // The first ones are shown at once; the next page is asked for soon enough.
    if (cursor === null && models.length > 0) break;
  }
  return { models, objectCount, cursor: toCursor(left) };
}

/** Of a long folder nothing is listed while others may hold models. */
function firstOf(left: readonly Stretch[]): readonly Stretch[] {
  const others = left.filter((one) => !one.isFlat);
  return (others.length > 0 ? others : left).slice(0, AT_ONCE);
}

/** What is one long folder comes after all that may hold models. */
function inTurn(stretches: readonly Stretch[]): Stretch[] {
  return [...stretches.filter((one) => !one.isFlat), ...stretches.filter((one) => one.isFlat)];
}

type Means = {
  readonly store: Store;
  /** What is looked at as a whole. */
  readonly top: string;
  /** How many stretches may come of one. */
  readonly room: number;
  readonly signal: AbortSignal;
};

/** One page of a stretch, and what is left of it. */
async function look(stretch: Stretch, means: Means): Promise<Looked> {
  const page = await listDeep(means, stretch.prefix, stretch.token);
  const files = page.objects.filter((object) => isNew(object, stretch)).map(toFile);
  const found = groupModels(files, means.top);
  const lastKey = page.objects.at(-1)?.key ?? stretch.after;
  const models = await Promise.all(
    found.map(async (model) =>
      mayContinue(model, page, stretch) ? await wholeModel(model, means) : model,
    ),
  );
  const base = { models, objectCount: files.length };
  if (page.cursor === null) return { ...base, next: [] };
  const done = [...stretch.done, ...models.map(({ prefix }) => prefix)].filter((prefix) =>
    lastKey.startsWith(prefix),
  );
  const rest = { ...stretch, token: page.cursor, done };
  const isPlain = models.length > 0 || stretch.isFlat || done.length > 0;
  if (isPlain) return { ...base, next: [rest] };
  return { ...base, next: await splitRest(rest, lastKey, means) };
}

function isNew({ key }: ObjectInfo, { after, done }: Stretch): boolean {
  if (after !== "" && compareKeys(key, after) <= 0) return false;
  return !done.some((prefix) => key.startsWith(prefix));
}

function toFile({ key, sizeBytes, modifiedAtMs, etag }: ObjectInfo): ModelFile {
  return { key, sizeBytes, modifiedAtMs, etag };
}

/** Files of it may lie before this page, or after it. */
function mayContinue({ prefix }: ModelEntry, page: ListPage, stretch: Stretch): boolean {
  const firstKey = page.objects[0]?.key ?? "";
  const lastKey = page.objects.at(-1)?.key ?? "";
  const isLater = stretch.token !== null || stretch.after !== "";
  const isBefore = isLater && firstKey.startsWith(prefix);
  return isBefore || (page.cursor !== null && lastKey.startsWith(prefix));
}

/** The same model with all its files, or as many as are shown of one. */
async function wholeModel(listed: ModelEntry, means: Means): Promise<ModelEntry> {
  const { prefix } = listed;
  const objects: ObjectInfo[] = [];
  let cursor: string | null = null;
  do {
    const page: ListPage = await listDeep(means, prefix, cursor);
    objects.push(...page.objects);
    cursor = page.cursor;
  } while (cursor !== null && objects.length < MOST_MODEL_FILES);
  const model = groupModels(objects.map(toFile), means.top).find((one) => one.prefix === prefix);
  if (!model) return listed;
  const isCut = model.isCut || cursor !== null;
  return { ...model, isCut, isWhole: model.isWhole && !isCut };
}

/**
 * What is left behind a key, cut at folders: those beside the ones that the key lies in, and then the
 * rest of the folder with the key itself.
 */
async function splitRest(
  rest: Stretch,
  lastKey: string,
  { store, room, signal }: Means,
): Promise<readonly Stretch[]> {
  const beside: Stretch[] = [];
  let level = rest.prefix;
  for (let depth = 0; depth < DEEPEST_SPLIT && level !== folderOf(lastKey); depth += 1) {
    const query = { prefix: level, isFolded: true, cursor: null, limit: PAGE };
    const { prefixes, objects, cursor } = await store.list(query, signal);
    const later = prefixes.filter((prefix) => compareKeys(prefix, lastKey) > 0);
    const isTooMany = cursor !== null || beside.length + later.length > room;
    // Objects that lie between folders are looked at with what comes behind.
    const hasLoose = objects.some(({ key }) => compareKeys(key, lastKey) > 0);
    if (isTooMany || hasLoose) break;
    beside.push(...later.map(wholeStretch));
    level = `${level}${lastKey.slice(level.length).split("/", 1)[0] ?? ""}/`;
  }
  if (beside.length === 0 && level === rest.prefix) return [{ ...rest, isFlat: true }];
  return [...beside, { ...wholeStretch(level), after: lastKey, isFlat: true }];
}

async function listDeep(
  { store, signal }: Means,
  prefix: string,
  cursor: string | null,
): Promise<ListPage> {
  return await store.list({ prefix, isFolded: false, cursor, limit: PAGE }, signal);
}
