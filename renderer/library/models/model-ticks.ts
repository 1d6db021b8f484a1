import type { ListedObject } from "#shared/library-here.ts";
import type { ModelEntry, ModelFile, ModelVariant } from "#shared/library-models.ts";
import type { LibraryRow } from "../library-rows.ts";
import { lastPart } from "../library-place.ts";
import type { Ticks } from "../ticks.ts";
import { setTicks } from "../ticks.ts";
import type { ModelRow } from "./model-rows.ts";
import { modelFiles } from "./model-words.ts";

export type Ticked = "all" | "some" | "none";

/** How much of a row is ticked. */
export function tickedOfRow(row: ModelRow, ticks: Ticks): Ticked {
  const { model, variant } = row;
  if (ticks.size === 0) return "none";
  if (ticks.has(model.prefix)) return "all";
  const files = filesOfRow(row);
  const count = files.reduce((sum, { key }) => sum + (ticks.has(key) ? 1 : 0), 0);
  if (count === files.length) return "all";
  // The files that variants share are ticked with any of them.
  const isOwn = variant === null || variant.files.some(({ key }) => ticks.has(key));
  return count > 0 && isOwn ? "some" : "none";
}

/** The ticks after a row is ticked, or no longer. A model as a whole is its prefix, where that is all. */
export function tickRow(row: ModelRow, isTicked: boolean, ticks: Ticks): Ticks {
  const { model, variant, isChild } = row;
  if (!isChild || !variant) return tickModel(model, isTicked, ticks);
  const apart = ticks.has(model.prefix) ? inFiles(model, ticks) : ticks;
  if (!isTicked) return untickVariant(model, variant, apart);
  const next = setTicks(apart, rowsOf(model, filesOf(model, variant)), true);
  const isAll = modelFiles(model).every(({ key }) => next.has(key));
  return isAll ? tickModel(model, true, next) : next;
}

function tickModel(model: ModelEntry, isTicked: boolean, ticks: Ticks): Ticks {
  const files = rowsOf(model, modelFiles(model));
  const prefix: LibraryRow = { kind: "prefix", key: model.prefix, name: lastPart(model.prefix) };
  const none = setTicks(ticks, [prefix, ...files], false);
  if (!isTicked) return none;
  return setTicks(none, isPrefix(model) ? [prefix] : files, true);
}

/** More files than are shown come only with their prefix. */
function isPrefix({ prefix, isWhole, isCut }: ModelEntry): boolean {
  return prefix !== "" && (isWhole || isCut);
}

/** The same ticks, the model's prefix taken apart into files. */
function inFiles(model: ModelEntry, ticks: Ticks): Ticks {
  return setTicks(tickModel(model, false, ticks), rowsOf(model, modelFiles(model)), true);
}

function untickVariant(model: ModelEntry, variant: ModelVariant, ticks: Ticks): Ticks {
  const next = setTicks(ticks, rowsOf(model, variant.files), false);
  const isNeeded = model.variants.some(
    ({ needsRest, files }) => needsRest && files.some(({ key }) => next.has(key)),
  );
  return isNeeded ? next : setTicks(next, rowsOf(model, model.rest), false);
}

/** What has to be fetched to use a variant. */
export function filesOf({ rest }: ModelEntry, variant: ModelVariant): readonly ModelFile[] {
  return variant.needsRest ? [...variant.files, ...rest] : variant.files;
}

/** What a row stands for. */
export function filesOfRow({ model, variant, isChild }: ModelRow): readonly ModelFile[] {
  return isChild && variant ? filesOf(model, variant) : modelFiles(model);
}

/** As a question of what is here names it. */
export function toListed({ key, etag, sizeBytes }: ModelFile): ListedObject {
  return { key, etag, sizeBytes };
}

/** How many ticks a person sees: a variant is one, whatever it is made of. */
export function countTicked(models: readonly ModelEntry[], ticks: Ticks): number {
  const others = new Set(ticks.keys());
  let count = 0;
  for (const model of models) {
    for (const variant of model.variants) {
      if (!variant.files.every(({ key }) => ticks.has(key))) continue;
      count += 1;
      for (const { key } of filesOf(model, variant)) others.delete(key);
    }
  }
  return count + others.size;
}

/** As the files view has them; what is of one model lands in one folder. */
export function rowsOf(
  { prefix }: Pick<ModelEntry, "prefix">,
  files: readonly ModelFile[],
): readonly LibraryRow[] {
  const kept = prefix === "" ? {} : { keptFolder: prefix };
  return files.map((file) => ({ kind: "object", name: lastPart(file.key), ...file, ...kept }));
}
