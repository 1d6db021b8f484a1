import type { ModelFacts } from "#shared/library-models.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { countWords } from "./model-words.ts";

/** What is known of a model, line by line; what is not known has no line. */
export function factLines(
  facts: ModelFacts | undefined,
  isOneVariant: boolean,
): readonly { readonly label: string; readonly value: string }[] {
  if (!facts) return [];
  const { architecture, layers, precision } = facts;
  const lines: readonly (readonly [string, string | null])[] = [
    ["Name", facts.name],
    ["Parameters", parameterWords(facts)],
    [
      "Architecture",
      [architecture, layers === null ? null : `${formatCount(layers)} layers`]
        .filter((word) => word !== null)
        .join(", ") || null,
    ],
    ["Context", facts.contextLength === null ? null : `${formatCount(facts.contextLength)} tokens`],
    ["Hidden size", countOrNull(facts.hiddenSize)],
    ["Vocabulary", countOrNull(facts.vocabularySize)],
    // Of a model with several variants these are of one of them.
    ["Data type", isOneVariant ? precision : null],
    ["Tensors", isOneVariant ? countOrNull(facts.tensorCount) : null],
  ];
  return lines.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

/** Every digit where they were counted or stated; else as rounded as it is. */
function parameterWords({ parameters }: ModelFacts): string | null {
  if (!parameters) return null;
  const { count, isExact } = parameters;
  return isExact ? formatCount(count) : `about ${countWords(count)}`;
}

function countOrNull(count: number | null): string | null {
  return count === null ? null : formatCount(count);
}
