import { z } from "zod";

/** Bytes per second; null is no limit. The lowest limit keeps sockets alive at all. */
export const Rate = z.int().min(1024).nullable();

export const Limits = z.strictObject({
  downBytesPerSecond: Rate,
  upBytesPerSecond: Rate,
});
export type Limits = z.infer<typeof Limits>;
