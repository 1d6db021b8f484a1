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
  // A folder is copied by its contents, so its name is put to the destination.
  const words = isPart
    ? [...files.map(({ key }) => addressOf(bucket, key)), into]
    : [addressOf(bucket, model.prefix), `${into}${lastPart(model.prefix)}${separator}`];
  return ["longhaul cp", ...words.map(shellWord), "--profile", shellWord(profileName)].join(" ");
}
