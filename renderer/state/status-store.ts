import { create } from "zustand";
import type { HostInfo } from "#shared/contract.ts";

/** What the status bar shows, and what the host is. */
type Status = {
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Of the download folder's file system; null while unknown. */
  readonly freeBytes: number | null;
  /** Null until the host has answered. */
  readonly host: HostInfo | null;
};

export const useStatusStore = create<Status>(() => ({
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  freeBytes: null,
  host: null,
}));
