import { shellWord } from "../../common/shell-word.ts";
import { addressOf, lastPart } from "../library-place.ts";
import type { CommandWhere } from "../command-where.ts";
import type { ModelRow } from "./model-rows.ts";
import { filesOf } from "./model-ticks.ts";
import { modelFiles } from "./model-words.ts";

/** A row's address, as other programs take it: its only file's, else its folder's. */
export function addressOfRow({ model, variant, isChild }: ModelRow, bucket: string): string {
  const files = isChild && variant ? variant.files : modelFiles(model);
  const [only, ...others] = files;
  return addressOf(bucket, only && others.length === 0 ? only.key : model.prefix);
}

/** What getting a row does, as one line of a shell. */
export function commandOfRow(row: ModelRow, where: CommandWhere): string {
  const { model, variant, isChild } = row;
  const { bucket, profileName, folder, separator } = where;
  const into = folder.endsWith(separator) ? folder : `${folder}${separator}`;
  const isPart = isChild || model.prefix === "" || !(model.isWhole || model.isCut);
  const files = isChild && variant ? filesOf(model, variant) : modelFiles(model);
  const only = isPart ? files.map(({ key }) => key) : [];
  const words = wordsOf(model.prefix, only, { bucket, into, separator });
  return ["longhaul cp", ...words.map(shellWord), "--profile", shellWord(profileName)].join(" ");
}

/** @param only Keys of the files that are meant; none: all that is below the prefix. */
function wordsOf(
  prefix: string,
  only: readonly string[],
  {
    bucket,
    into,
    separator,
  }: Pick<CommandWhere, "bucket" | "separator"> & { readonly into: string },
): readonly string[] {
  if (prefix === "") return [...only.map((key) => addressOf(bucket, key)), into];
  // A folder is copied by its contents, so its name is put to the destination.
  const target = `${into}${lastPart(prefix)}${separator}`;
  const chosen = only.flatMap((key) => ["--include", literalGlob(key.slice(prefix.length))]);
  return [addressOf(bucket, prefix), target, ...chosen];
}

/** A pattern that takes the one file of that path, and no other. */
function literalGlob(path: string): string {
  return `/${path}`.replace(/[\\*?[\]{},]/gu, String.raw`\$&`);
}
