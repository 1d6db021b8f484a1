import { isUtf8 } from "node:buffer";

/**
 * How a path is held in memory: as text, in which a byte that is no UTF-8 is one lone surrogate,
 * U+DC80 for 0x80 to U+DCFF for 0xFF (as Python's `surrogateescape`). Such text survives JSON and
 * messages between threads, and names exactly one file, which a replacement character would not.
 *
 * Every call to the file system takes `toFsPath(path)`, never the text itself.
 */
const ESCAPE_BASE = 0xdc00;
const ESCAPED_BYTE = /[\udc80-\udcff]/u;

/** What the file system is to be given for a path held in memory. */
export function toFsPath(path: string): string | Buffer {
  return ESCAPED_BYTE.test(path) ? Buffer.concat(Array.from(path, toBytes)) : path;
}

function toBytes(character: string): Buffer {
  const isEscape = ESCAPED_BYTE.test(character);
  return isEscape ? Buffer.of(character.charCodeAt(0) - ESCAPE_BASE) : Buffer.from(character);
}

/** From a name as the file system gives it in encoding `latin1`: one character for each byte. */
export function fromLatin1Name(name: string): string {
  if (isAscii(name)) return name;
  const bytes = Buffer.from(name, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : escapeInvalid(bytes);
}

function isAscii(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) if (name.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** Takes the longest valid sequence at each place; a byte that begins none is escaped. */
function escapeInvalid(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const sequence = validSequenceAt(bytes, at);
    text += sequence?.toString("utf8") ?? String.fromCharCode(ESCAPE_BASE + (bytes[at] ?? 0));
    at += sequence?.length ?? 1;
  }
  return text;
}

function validSequenceAt(bytes: Buffer, at: number): Buffer | undefined {
  return [1, 2, 3, 4]
    .map((length) => bytes.subarray(at, at + length))
    .find((sequence) => isUtf8(sequence));
}

/** The same path as people and object keys have it: a byte that is no UTF-8 is `%XX`. */
export function toShownPath(path: string): string {
  return path.replace(
    /[\udc80-\udcff]/gu,
    (escape) => `%${(escape.charCodeAt(0) - ESCAPE_BASE).toString(16).toUpperCase()}`,
  );
}
