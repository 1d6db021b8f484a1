import type { ModelEntry, ModelVariant } from "#shared/library-models.ts";
import { modelFiles } from "./model-words.ts";

/** One line of the list of models. */
export type ModelRow = {
  readonly model: ModelEntry;
  /** The one that the row is of: the line of a variant, or of a model with but one. Null: of several. */
  readonly variant: ModelVariant | null;
  /** It stands below its model's own line. */
  readonly isChild: boolean;
};

/** Names a variant in its bucket, as facts and details are kept by. */
export function variantId({ prefix }: ModelEntry, { format, tag }: ModelVariant): string {
  return JSON.stringify([prefix, format, tag]);
}

/** Names a row. */
export function rowId({ model, variant, isChild }: ModelRow): string {
  return isChild && variant ? variantId(model, variant) : JSON.stringify([model.prefix]);
}

/** A model with one variant is one row; one with several opens. */
export function rowsOf(
  models: readonly ModelEntry[],
  opened: ReadonlySet<string>,
): readonly ModelRow[] {
  return models.flatMap((model): ModelRow[] => {
    const { prefix, variants } = model;
    const [only, ...others] = variants;
    if (only && others.length === 0) return [{ model, variant: only, isChild: false }];
    const own = { model, variant: null, isChild: false };
    if (!opened.has(prefix)) return [own];
    return [own, ...variants.map((variant) => ({ model, variant, isChild: true }))];
  });
}

/** Models whose place, variants or files hold the text, whatever the case. */
export function filterModels(models: readonly ModelEntry[], text: string): readonly ModelEntry[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return models;
  const holds = (name: string) => name.toLowerCase().includes(wanted);
  return models.filter(
    (model) =>
      holds(model.prefix) ||
      model.variants.some(({ tag }) => holds(tag)) ||
      modelFiles(model).some(({ key }) => holds(key)),
  );
}

/** The variant whose heads say what a row shows. */
export function describedOf({ model, variant }: ModelRow): ModelVariant | undefined {
  return variant ?? model.variants[0];
}

/** It is a prefix as a whole, and so can be kept in sync: one variant among others is not. */
export function canFollow({ model: { prefix, isWhole, isCut }, isChild }: ModelRow): boolean {
  return !isChild && prefix !== "" && (isWhole || isCut);
}
