import { hash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";

/** The naming rules of a system; any other platform follows Linux. */
export type NamePlatform = "linux" | "darwin" | "win32";

export function namePlatform(platform: NodeJS.Platform): NamePlatform {
  return platform === "win32" || platform === "darwin" ? platform : "linux";
}

export type SafeName = {
  /** Relative, below whatever folder it is joined to, `/` between folders on every system. */
  readonly path: string;
  /** The path is not the key itself: something in it had to be mapped or shortened. */
  readonly isChanged: boolean;
};

/**
 * Where an object may lie below a destination folder. Never leads out of it. What the system cannot
 * hold in a name is written `%XX`, which `keyOfSafeName` reads back; names that are too long keep
 * their start and their extension, and a digest tells them apart.
 *
 * @param key The part of an object's key that is below what was asked for.
 * @throws {LonghaulError} `path-unsafe` for keys with `..`, `.` or an empty name among their parts,
 * which every system reads as a way to somewhere else.
 */
export function safeName(key: string, platform: NamePlatform): SafeName {
  const names = key.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) throw unsafe(key);
  const path = names.map((name) => shorten(encodeName(name, platform), platform)).join("/");
  return { path, isChanged: path !== key };
}

/** The key behind a safe name that was not shortened. */
export function keyOfSafeName(path: string, platform: NamePlatform): string {
  return path
    .split("/")
    .map((name) => decodeName(name, platform))
    .join("/");
}

function unsafe(key: string): LonghaulError {
  return new LonghaulError("path-unsafe", `the key ${JSON.stringify(key)} is no path to a file`, {
    details: { key },
  });
}

type NameRules = {
  /** A character, or the first of a name, that must be written `%XX`. */
  readonly illegal: RegExp;
  /** `%XX` of such a character as it stands in a key, after any number of `25`. */
  readonly escaped: RegExp;
};

/** POSIX forbids NUL alone, `/` being the separator. */
const POSIX: NameRules = { illegal: /\0/gu, escaped: /%(?=(?:25)*00)/gu };

/**
 * Windows reserves characters, a dot or space at the end, and names of devices with any extension;
 * of these the first letter is escaped. `:` would name a stream inside the file.
 */
const DEVICE = String.raw`(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)(?=[ ]*(?:\.|$))`;
const WINDOWS: NameRules = {
  illegal: new RegExp(String.raw`[<>:"\\|?*\u0000-\u001f]|[. ]$|^(?=${DEVICE}).`, "giu"),
  escaped:
    /%(?=(?:25)*(?:3[ACEF]|22|5C|7C|2A|[01][0-9A-F]))|%(?=(?:25)*(?:2E|20)$)|^%(?=(?:25)*(?:[46][13CE]|[57]0))/giu,
};

function rulesOf(platform: NamePlatform): NameRules {
  return platform === "win32" ? WINDOWS : POSIX;
}

/** First make what looks like an escape one level longer, then escape: so that both read back. */
function encodeName(name: string, platform: NamePlatform): string {
  const { illegal, escaped } = rulesOf(platform);
  return name.replace(escaped, "%25").replace(illegal, toEscape);
}

function toEscape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function decodeName(name: string, platform: NamePlatform): string {
  const { escaped } = rulesOf(platform);
  const marks = new Set([...name.matchAll(escaped)].map(({ index }) => index));
  return name.replace(/%25|%[0-9A-F]{2}/giu, (escape, at: number) => {
    if (!marks.has(at)) return escape;
    return escape === "%25" ? "%" : String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  });
}

/** Longest name: bytes of UTF-8 everywhere but on Windows, which counts UTF-16 units. */
const MAX_NAME_LENGTH = 255;
const MAX_EXTENSION_LENGTH = 16;
/** `~` and 64 bits of SHA-256 in hex. */
const MARK_LENGTH = 17;

function shorten(name: string, platform: NamePlatform): string {
  const lengthOf =
    platform === "win32"
      ? (text: string) => text.length
      : (text: string) => Buffer.byteLength(text);
  if (lengthOf(name) <= MAX_NAME_LENGTH) return name;
  const dot = name.lastIndexOf(".");
  const extension =
    dot > 0 && lengthOf(name.slice(dot)) <= MAX_EXTENSION_LENGTH ? name.slice(dot) : "";
  const room = MAX_NAME_LENGTH - MARK_LENGTH - lengthOf(extension);
  const mark = `~${hash("sha256", name).slice(0, MARK_LENGTH - 1)}`;
  return `${startOf(name, room, lengthOf)}${mark}${extension}`;
}

/** The longest start of whole characters that fits. */
function startOf(name: string, room: number, lengthOf: (text: string) => number): string {
  let start = "";
  let used = 0;
  for (const character of name) {
    used += lengthOf(character);
    if (used > room) break;
    start += character;
  }
  return start;
}
