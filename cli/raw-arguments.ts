import { fromLatin1Name } from "#main/disk/local-path.ts";

/** What Node puts in place of bytes that are no UTF-8. */
const REPLACED = "\uFFFD";

/**
 * The arguments as they were given. Node decodes them, and a name that is no UTF-8 then names no
 * file any more; as text of `local-path.ts` it does.
 *
 * @param readCommandLine The bytes of the whole command, each word ended by NUL; asked only where a
 * word may have been changed. Null where the system does not tell.
 */
export function rawArguments(
  args: readonly string[],
  readCommandLine: () => Buffer | null,
): readonly string[] {
  if (!args.some((arg) => arg.includes(REPLACED))) return args;
  const line = readCommandLine();
  if (line === null) return args;
  const words = line.toString("latin1").split("\0").slice(0, -1).slice(-args.length);
  const isSame =
    words.length === args.length && words.every((word, at) => decoded(word) === args[at]);
  return isSame ? words.map(fromLatin1Name) : args;
}

function decoded(word: string): string {
  return Buffer.from(word, "latin1").toString("utf8");
}
