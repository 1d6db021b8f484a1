import { z } from "zod";
import { UnpackMethod } from "#shared/archive.ts";
import { MoveFlags } from "./flags.ts";

export const GetFlags = z.object({
  ...MoveFlags.shape,
  /** Request files; `-` is standard input. */
  file: z.array(z.string()).default([]),
  cache: z.boolean().default(false),
  /** A folder; empty: beside the archive, under its name without the ending. */
  unpack: z.string().nullable().default(null),
  method: UnpackMethod.nullable().default(null),
  // Another name would not be where the request wants the file.
  onConflict: z.enum(["skip", "replace", "fail"]).nullable().default(null),
});
export type GetFlags = z.infer<typeof GetFlags>;
