import { z } from "zod";

/** How an archive is unpacked; `auto` looks at its content. */
export const UnpackMethod = z.enum(["auto", "tar", "tar.gz", "tar.zst", "zip", "gz", "zst"]);
export type UnpackMethod = z.infer<typeof UnpackMethod>;

const ENDING = /\.(?:tar|tar\.gz|tgz|tar\.zst|tzst|zip|gz|zst)$/i;

/** A file's name or path without an archive's ending; null where it has none, or no more than that. */
export function withoutArchiveEnding(name: string): string | null {
  const bare = name.replace(ENDING, "");
  return bare === name || bare === "" || /[/\\]$/.test(bare) ? null : bare;
}

/** What came of unpacking, in words too: `left` is not unpacked, as a person or a rule said. */
export const Unpacked = z.strictObject({
  kind: z.enum(["asking", "unpacked", "left"]),
  /** `unpacked 12 files into /data/bert`. */
  note: z.string(),
});
export type Unpacked = z.infer<typeof Unpacked>;

/** A download's archive, unpacked when it is here. */
export const UnpackView = z.strictObject({
  destination: z.string(),
  method: UnpackMethod,
  /** Null until it is here. */
  came: Unpacked.nullable(),
});
export type UnpackView = z.infer<typeof UnpackView>;

/** What a folder can be packed as. */
export const PackFormat = z.enum(["tar", "tar.gz", "tar.zst"]);
export type PackFormat = z.infer<typeof PackFormat>;
