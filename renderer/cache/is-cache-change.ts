import type { HostEvent } from "#shared/contract.ts";

/** Entries or folders are others now, and not only work went on. */
export function isCacheChange(event: HostEvent): boolean {
  return event.type === "cache" && event.hasNewEntries;
}
