import { shellWord } from "../common/shell-word.ts";
import type { CommandWhere } from "./command-where.ts";
import { addressOf, lastPart } from "./library-place.ts";
import type { LibraryRow } from "./library-rows.ts";

/** What getting a row does, as one line of a shell. */
export function commandOfObject(
  { kind, key }: Pick<LibraryRow, "kind" | "key">,
  where: CommandWhere,
) {
  const { bucket, separator } = where;
  const into = intoOf(where);
  // A prefix is copied by its contents, so its name is put to the destination.
  const target = kind === "prefix" ? `${into}${lastPart(key)}${separator}` : into;
  return line(["cp", addressOf(bucket, key), target], where);
}

/** The same of an archive that is unpacked into a folder when it is here. */
export function commandOfUnpacking(key: string, unpackedInto: string, where: CommandWhere): string {
  const address = addressOf(where.bucket, key);
  return line(["get", address, intoOf(where), `--unpack=${unpackedInto}`], where);
}

function intoOf({ folder, separator }: CommandWhere): string {
  return folder.endsWith(separator) ? folder : `${folder}${separator}`;
}

function line(words: readonly string[], { profileName }: CommandWhere): string {
  return ["longhaul", ...words, "--profile", profileName].map(shellWord).join(" ");
}
