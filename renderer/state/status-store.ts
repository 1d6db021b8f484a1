import { create } from "zustand";
import type { HostInfo } from "#shared/contract.ts";
import type { Pace } from "#shared/settings.ts";

/** What the status bar shows, and what the host is. */
type Status = {
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Of the download folder's file system; null while unknown. */
  readonly freeBytes: number | null;
  /** What holds now, by the settings and the week. */
  readonly pace: Pace;
  /** Null until the host has answered. */
  readonly host: HostInfo | null;
};

export const useStatusStore = create<Status>(() => ({
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  freeBytes: null,
  pace: {
    mode: "full",
    limits: { downBytesPerSecond: null, upBytesPerSecond: null },
    untilMs: null,
    next: null,
    isOverride: false,
  },
  host: null,
}));
