import { create } from "zustand";
import type { HostInfo } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Pace } from "#shared/settings.ts";

/** What the status bar shows, and what the host is. */
type Status = {
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Of the download folder's file system; null while unknown. */
  readonly freeBytes: number | null;
  /** Why the list of transfers cannot be written; null: it can. */
  readonly homeTrouble: ErrorInfo | null;
  /** What holds now, by the settings and the week. */
  readonly pace: Pace;
  /** Null until the host has answered. */
  readonly host: HostInfo | null;
};

export const useStatusStore = create<Status>(() => ({
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  freeBytes: null,
  homeTrouble: null,
  pace: {
    mode: "full",
    limits: { downBytesPerSecond: null, upBytesPerSecond: null },
    untilMs: null,
    next: null,
    isOverride: false,
  },
  host: null,
}));
