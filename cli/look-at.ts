import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { toFsPath } from "#main/disk/local-path.ts";
import type { CopySource } from "./copy-plan.ts";
import type { Address } from "./uri.ts";
import { parseAddress } from "./uri.ts";

/** What an argument names, made absolute in the working folder. @throws {LonghaulError} `invalid`, `unsupported` */
export function readAddress(text: string, folder: string): Address {
  const address = parseAddress(text);
  if (address.kind === "s3") return address;
  const path = resolve(folder, address.path);
  // `resolve` drops the `/` at the end, which means something in a destination.
  const isOpen = /[/\\]\.{0,2}$|^\.{1,2}$/.test(text) && !/[/\\]$/.test(path);
  return { kind: "local", path: isOpen ? `${path}/` : path };
}

/** A source with what a look at the disk says. */
export async function lookAt(address: Address): Promise<CopySource> {
  if (address.kind === "s3") return { address };
  try {
    const found = await stat(toFsPath(address.path));
    return { address, found: found.isDirectory() ? "folder" : "file" };
  } catch {
    return { address, found: "missing" };
  }
}
