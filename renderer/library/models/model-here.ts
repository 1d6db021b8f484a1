import type { ModelEntry, ModelFile } from "#shared/library-models.ts";
import type { Here, HereKnown } from "../here-words.ts";
import { hereOf } from "../here-words.ts";
import type { ModelRow } from "./model-rows.ts";
import { filesOf } from "./model-ticks.ts";
import { modelFiles, sizeOf } from "./model-words.ts";

type States = ReadonlyMap<string, HereKnown>;

/** Which models the list shows, by what is here of them. */
export const HERE_FILTERS = ["all", "here", "part", "newer"] as const;
export type HereFilter = (typeof HERE_FILTERS)[number];

/** What is here of a model: of one with several variants, how many of them are of use. */
export function hereOfModel(model: ModelEntry, states: States): Here {
  const all = hereOf(modelFiles(model), states);
  const { variants } = model;
  if (all.kind !== "part" || variants.length < 2) return all;
  const isHere = (files: readonly ModelFile[]) => hereOf(files, states).kind === "here";
  const hereCount = variants.filter((variant) => isHere(filesOf(model, variant))).length;
  return hereCount === 0 ? all : { kind: "some", hereCount, count: variants.length };
}

/** What is here of what a row stands for. */
export function hereOfRow({ model, variant, isChild }: ModelRow, states: States): Here {
  return isChild && variant ? hereOf(variant.files, states) : hereOfModel(model, states);
}

/** Models of which that is known to be here; all of them for `all`. */
export function modelsHere(
  models: readonly ModelEntry[],
  filter: HereFilter,
  states: States,
): readonly ModelEntry[] {
  if (filter === "all") return models;
  return models.filter((model) => filterOf(hereOfModel(model, states)) === filter);
}

export type HereCounts = Readonly<Record<HereFilter, number>>;

/** How many models each filter shows; null as long as it is not known of every one. */
export function countHere(models: readonly ModelEntry[], states: States): HereCounts | null {
  const counts = { all: models.length, here: 0, part: 0, newer: 0 };
  for (const model of models) {
    const here = hereOfModel(model, states);
    if (here.kind === "unknown") return null;
    const filter = filterOf(here);
    if (filter !== null) counts[filter] += 1;
  }
  return counts;
}

function filterOf({ kind }: Here): Exclude<HereFilter, "all"> | null {
  if (kind === "some") return "part";
  return kind === "here" || kind === "part" || kind === "newer" ? kind : null;
}

/** What the details say of a row's files. */
export type CopyFacts = {
  readonly count: number;
  readonly here: { readonly count: number; readonly sizeBytes: number };
  /** Of which another version is here. */
  readonly newer: {
    readonly count: number;
    readonly sizeBytes: number;
    /** When the last of them changed; wall clock, milliseconds. */
    readonly atMs: number;
  };
  /** Of all copies, of this version or another. */
  readonly paths: readonly string[];
};

/** Null as long as it is not known of every file. */
export function copyOf(files: readonly ModelFile[], states: States): CopyFacts | null {
  const known = files.map((file) => ({ file, here: states.get(file.key) }));
  if (!known.every(({ file, here }) => here?.etag === file.etag)) return null;
  const inState = (state: HereKnown["state"]["state"]) => {
    const alike = known.filter(({ here }) => here?.state.state === state);
    return { count: alike.length, sizeBytes: sizeOf(alike.map(({ file }) => file)), alike };
  };
  const { alike: hereFiles, ...here } = inState("here");
  const { alike: newerFiles, ...newer } = inState("newer");
  const atMs = Math.max(0, ...newerFiles.map(({ file }) => file.modifiedAtMs));
  const paths = [...hereFiles, ...newerFiles].flatMap(({ here: copy }) => copy?.state.path ?? []);
  return { count: files.length, here, newer: { ...newer, atMs }, paths };
}

/** The deepest folder that has all of them below it; null where that would be no more than a disk or a share. */
export function commonFolder(paths: readonly string[], separator: string): string | null {
  const [first, ...others] = paths.map((path) => path.split(separator).slice(0, -1));
  if (first === undefined) return null;
  const end = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  const common = end === -1 ? first : first.slice(0, end);
  const isAllOfOne = [first, ...others].every(({ length }) => length === common.length);
  if (common.length <= rootLength(first) && !isAllOfOne) return null;
  return common.length === 1 ? `${common[0]}${separator}` : common.join(separator);
}

/** Parts of `/`, of `C:\\`, or of `\\\\server\\share`. */
function rootLength([one, other]: readonly string[]): number {
  return one === "" && other === "" ? 4 : 1;
}
