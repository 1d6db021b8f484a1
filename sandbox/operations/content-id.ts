import { randomBytes } from "node:crypto";

/** A fresh id of a content or an upload; ids made later sort later. */
export function newContentId(nowMs: number): string {
  return `${nowMs.toString(36).padStart(9, "0")}${randomBytes(16).toString("hex")}`;
}
