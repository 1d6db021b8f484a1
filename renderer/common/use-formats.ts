import { useMemo } from "react";
import type { Settings } from "#shared/settings.ts";
import { formatBytes, formatRate } from "#shared/format.ts";
import { useSettingsStore } from "../state/settings-store.ts";

/** Sizes and rates in the units that the person chose. */
export type Formats = {
  readonly sizeUnits: Settings["sizeUnits"];
  readonly bytes: (bytes: number) => string;
  readonly rate: (bytesPerSecond: number) => string;
};

export function createFormats(
  sizeUnits: Settings["sizeUnits"],
  rateUnits: Settings["rateUnits"],
): Formats {
  return {
    sizeUnits,
    bytes: (bytes) => formatBytes(bytes, sizeUnits),
    rate: (bytesPerSecond) => formatRate(bytesPerSecond, rateUnits, sizeUnits),
  };
}

export function useFormats(): Formats {
  const sizeUnits = useSettingsStore((state) => state.settings.sizeUnits);
  const rateUnits = useSettingsStore((state) => state.settings.rateUnits);
  return useMemo(() => createFormats(sizeUnits, rateUnits), [sizeUnits, rateUnits]);
}
