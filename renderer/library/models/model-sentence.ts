import type { ModelFacts } from "#shared/library-models.ts";
import { formatDay } from "../../common/format-date.ts";
import type { Formats } from "../../common/use-formats.ts";
import type { Here } from "../here-words.ts";
import { hereSentence } from "../here-words.ts";
import type { ModelRow } from "./model-rows.ts";
import type { Ticked } from "./model-ticks.ts";
import { aboutWords, modelFiles, modelName, modifiedOf, sizeOf } from "./model-words.ts";
import { soleVariantWords, variantName, variantWords } from "./model-words.ts";

type Shown = {
  readonly bucket: string;
  readonly facts: ModelFacts | undefined;
  readonly ticked: Ticked;
  readonly here: Here;
  /** It is kept in sync. */
  readonly isFollowed: boolean;
  readonly formats: Formats;
};

const TICKED: Readonly<Record<Ticked, readonly string[]>> = {
  all: ["ticked"],
  some: ["partly ticked"],
  none: [],
};

/** A row as one sentence, for who cannot see its columns. */
export function modelSentence(
  row: ModelRow,
  { bucket, facts, ticked, here, isFollowed, formats }: Shown,
): string {
  const { model, variant, isChild } = row;
  const name = modelName(model, bucket);
  const about = aboutWords(facts);
  const files = isChild && variant ? variant.files : modelFiles(model);
  const figures = [formats.bytes(sizeOf(files)), `modified ${formatDay(modifiedOf(files))}`];
  const words = !variant
    ? [name, about, `${model.variants.length} variants`]
    : isChild
      ? [`${variantName(variant, facts)} of ${name}`, variantWords(variant), ...figures]
      : [name, about, soleVariantWords(variant, facts, files.length), ...figures];
  const said = [...words, hereSentence(here), isFollowed ? "kept in sync" : "", ...TICKED[ticked]];
  return said.filter((word) => word !== "").join(", ");
}
