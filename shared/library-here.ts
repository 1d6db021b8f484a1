import { z } from "zod";

/** An object as a listing said it. */
export const ListedObject = z.strictObject({
  key: z.string().min(1),
  etag: z.string(),
  sizeBytes: z.int().nonnegative(),
});
export type ListedObject = z.infer<typeof ListedObject>;

/** What is here of an object, whichever folder it is in. */
export const HereState = z.strictObject({
  /**
   * `here`: a valid copy of this version. `newer`: a valid copy of another version. `part`: a
   * download of it has begun and is not over. `no`: nothing, or what is here may have been changed.
   */
  state: z.enum(["here", "newer", "part", "no"]),
  /** Of `part`: bytes that need not move again; of `here`: all. */
  doneBytes: z.int().nonnegative(),
  /** The copy; null where there is none, and for a page that may not see where it is. */
  path: z.string().nullable(),
});
export type HereState = z.infer<typeof HereState>;

/** Most objects in one question. */
export const MOST_ASKED = 1000;
