import { z } from "zod";

/** How an archive is unpacked; `auto` looks at its content. */
export const UnpackMethod = z.enum(["auto", "tar", "tar.gz", "tar.zst", "zip", "gz", "zst"]);
export type UnpackMethod = z.infer<typeof UnpackMethod>;

/** What a folder can be packed as. */
export const PackFormat = z.enum(["tar", "tar.gz", "tar.zst"]);
export type PackFormat = z.infer<typeof PackFormat>;
