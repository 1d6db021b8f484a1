import { toFsPath } from "#main/disk/local-path.ts";

/**
 * Characters a terminal acts on or that change how the rest of a line reads: controls, the C1 set,
 * line and paragraph separators, marks of direction, invisible joins and lone surrogates.
 */
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u;

/** Needs no quotes in a shell. */
const PLAIN = /^[\p{L}\p{N}@%+=:,./_~-]+$/u;

/**
 * A word as it is safe to print and can be pasted back into a shell: as it is, in single quotes, or
 * as `$'…'` with escapes. Names come from buckets and disks; any character may be in them.
 */
export function quoteArgument(word: string): string {
  if (DANGEROUS.test(word)) return `$'${Array.from(word, escapeCharacter).join("")}'`;
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A name on a line of its own or in a table: quoted only where it must be. */
export function showName(name: string): string {
  return DANGEROUS.test(name) || name.startsWith("-") ? quoteDashed(name) : name;
}

/** What begins like an option is marked as a name. */
function quoteDashed(name: string): string {
  const quoted = quoteArgument(name);
  return quoted.startsWith("-") ? `'${quoted}'` : quoted;
}

/** Text that may quote a name, a server's words for one: dangerous characters become `\u{…}`. */
export function showText(text: string): string {
  return Array.from(text, (each) => (DANGEROUS.test(each) ? codeOf(each) : each)).join("");
}

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\\": "\\\\",
  "'": "\\'",
};

function escapeCharacter(character: string): string {
  return SHORT[character] ?? (DANGEROUS.test(character) ? bytesOf(character) : character);
}

/** `\xHH` for each byte of UTF-8: what every shell with `$'…'` reads back. */
function bytesOf(character: string): string {
  return [...Buffer.from(toFsPath(character))]
    .map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`)
    .join("");
}

function codeOf(character: string): string {
  return character === "\n" ? " " : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
