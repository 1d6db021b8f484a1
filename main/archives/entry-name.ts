import type { NamePlatform } from "../disk/safe-name.ts";
import { safeName } from "../disk/safe-name.ts";
import { badEntry } from "./bad-archive.ts";
import type { UnpackLimits } from "./unpack-order.ts";

/** A drive of Windows: `C:\x` as well as `C:x`. */
const DRIVE = /^[a-z]:/iu;

/**
 * Where an entry may lie, relative to the destination; "" for the destination itself. A name that is
 * anything but a way down is refused, never mended: whoever wrote it meant it to be read in two ways.
 * Only `./` in front and `/` behind a folder, as every tar writes them, are dropped.
 *
 * @throws {LonghaulError} `bad-archive`.
 */
export function entryPath(
  name: string,
  kind: "file" | "folder",
  { limits, platform }: { readonly limits: UnpackLimits; readonly platform: NamePlatform },
): string {
  if (Buffer.byteLength(name) > limits.nameBytes) throw badEntry(name, tooLong(limits));
  if (name.includes("\0")) throw badEntry(name, "has a zero byte in its name");
  if (!name.isWellFormed()) throw badEntry(name, "has a name that is no text");
  assertRelative(name);
  const bare = withoutDots(name, kind);
  if (bare === "") {
    if (kind === "folder") return "";
    throw badEntry(name, "has no name");
  }
  const names = bare.split("/");
  if (names.length > limits.depth) {
    throw badEntry(name, `lies in more than ${limits.depth} folders`);
  }
  if (names.some((part) => part === "" || part === ".")) {
    throw badEntry(name, 'has an empty name or "." on its way');
  }
  return safeName(bare, platform).path;
}

function tooLong({ nameBytes }: UnpackLimits): string {
  return `has a name of more than ${nameBytes} bytes`;
}

/** On every system, because the same archive is to mean the same on all of them. */
function assertRelative(name: string): void {
  const asWindows = name.replaceAll("\\", "/");
  if (asWindows.startsWith("/")) throw badEntry(name, "has an absolute name");
  if (asWindows.split("/").includes("..")) throw badEntry(name, 'leads upwards with ".."');
  if (DRIVE.test(asWindows.replace(/^(?:\.\/+)+/u, ""))) throw badEntry(name, "names a drive");
}

function withoutDots(name: string, kind: "file" | "folder"): string {
  const below = name.replace(/^(?:\.\/)+/u, "");
  if (kind === "file") return below === "." ? "" : below;
  return below === "." ? "" : below.replace(/\/$/u, "");
}
