import type { ModelEntry, ModelFile } from "#shared/library-models.ts";
import { MOST_MODEL_FILES } from "#shared/library-models.ts";
import { folderOf, lastNameOf, nameOfModelFile } from "./model-names.ts";
import type { ModelName } from "./model-names.ts";
import { splitVariants } from "./split-variants.ts";

export type NamedFile = { readonly file: ModelFile; readonly name: ModelName };

/** What the files of one folder say of it. */
type Marks = { hasWeights: boolean; hasConfig: boolean; isPipeline: boolean };

/**
 * The models among objects, in the order of their first file. A folder with weights is one; where a
 * folder above says by its configuration that it is the model, the weights are that one's.
 *
 * @param top No folder above this prefix is looked at.
 */
export function groupModels(files: readonly ModelFile[], top: string): readonly ModelEntry[] {
  const named = files
    .filter(({ key }) => !key.endsWith("/"))
    .map((file) => ({ file, name: nameOfModelFile(lastNameOf(file.key)) }));
  const marks = marksOf(named);
  const roots = new Set<string>();
  for (const [folder, { hasWeights }] of marks) {
    if (hasWeights) roots.add(rootOf(folder, marks, top));
  }
  if (roots.size === 0) return [];
  const owned = new Map<string, NamedFile[]>();
  const below = new Map<string, number>();
  for (const one of named) {
    const above = foldersUp(folderOf(one.file.key), top).filter((folder) => roots.has(folder));
    for (const root of above) below.set(root, (below.get(root) ?? 0) + 1);
    const [root] = above;
    if (root === undefined || !isOf(root, one, marks)) continue;
    const theirs = owned.get(root);
    if (theirs) theirs.push(one);
    else owned.set(root, [one]);
  }
  return [...owned].map(([prefix, theirs]) => toEntry(prefix, theirs, below.get(prefix) ?? 0));
}

/** What lies in folders below a model is of it where a configuration says that all is one. */
function isOf(root: string, { file, name }: NamedFile, marks: ReadonlyMap<string, Marks>): boolean {
  if (name.kind === "weights" || folderOf(file.key) === root) return true;
  const mark = marks.get(root);
  return mark?.isPipeline === true || mark?.hasConfig === true;
}

function marksOf(named: readonly NamedFile[]): Map<string, Marks> {
  const marks = new Map<string, Marks>();
  for (const { file, name } of named) {
    const folder = folderOf(file.key);
    const mark = marks.get(folder) ?? { hasWeights: false, hasConfig: false, isPipeline: false };
    marks.set(folder, mark);
    mark.hasWeights ||= name.kind === "weights";
    mark.hasConfig ||= name.kind === "config";
    mark.isPipeline ||= name.kind === "pipeline";
  }
  return marks;
}

/** Whose the weights of a folder are. */
function rootOf(folder: string, marks: ReadonlyMap<string, Marks>, top: string): string {
  const up = foldersUp(folder, top);
  const pipeline = up.findLast((one) => marks.get(one)?.isPipeline === true);
  if (pipeline !== undefined) return pipeline;
  const [, parent] = up;
  if (parent === undefined || marks.get(folder)?.hasConfig === true) return folder;
  // `original/` and `onnx/` beside the model's own configuration. A bucket is seldom one model.
  const above = marks.get(parent);
  const isOwner = above?.hasConfig === true && (parent !== "" || above.hasWeights);
  return isOwner ? parent : folder;
}

/** A folder and those above it, the nearest first, up to `top`. */
function foldersUp(folder: string, top: string): readonly string[] {
  const up: string[] = [];
  for (let at = folder; at.length >= top.length; at = folderOf(at.slice(0, -1))) {
    up.push(at);
    if (at === "") break;
  }
  return up;
}

/** @param belowCount Objects that were seen below the prefix, whosever they are. */
function toEntry(prefix: string, named: readonly NamedFile[], belowCount: number): ModelEntry {
  const kept = named.slice(0, MOST_MODEL_FILES);
  const variants = splitVariants(prefix, kept);
  const rest = kept.filter(({ name }) => name.kind !== "weights").map(({ file }) => file);
  const isCut = kept.length < named.length;
  return { prefix, variants: [...variants], rest, isCut, isWhole: kept.length === belowCount };
}
