import type { Settings } from "#shared/settings.ts";

const STEPS = [20, 50, 100, 200] as const;
const UNIT = { decimal: 1e9, binary: 2 ** 30 } as const;
const NAME = { decimal: "GB", binary: "GiB" } as const;

export type Preset = { readonly label: string; readonly bytes: number };

/** Goals to choose from; what is more than can be freed at all is not offered. */
export function presetsOf(mostBytes: number, sizeUnits: Settings["sizeUnits"]): readonly Preset[] {
  const steps = STEPS.map((step) => ({
    label: `${step} ${NAME[sizeUnits]}`,
    bytes: step * UNIT[sizeUnits],
  }));
  const reachable = steps.filter(({ bytes }) => bytes < mostBytes);
  return mostBytes > 0 ? [...reachable, { label: "All that can go", bytes: mostBytes }] : [];
}
