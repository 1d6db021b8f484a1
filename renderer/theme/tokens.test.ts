import { describe, expect, it } from "vitest";
import type { Palette } from "./tokens.ts";
import { DARK, LIGHT } from "./tokens.ts";

type Rgb = readonly [number, number, number];

/** `#rrggbb`, or `rgba(…)` laid over a ground. */
function colourOver(text: string, ground: Rgb): Rgb {
  const hex = /^#(..)(..)(..)$/.exec(text);
  if (hex) return [hex[1], hex[2], hex[3]].map((part) => Number.parseInt(part ?? "", 16)) as never;
  const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue].map(
    (part, at) => part * alpha + (ground[at] ?? 0) * (1 - alpha),
  ) as never;
}

/** WCAG 2's relative luminance. */
function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Rgb, other: Rgb): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const BLACK: Rgb = [0, 0, 0];

function grounds(palette: Palette): readonly Rgb[] {
  return (["window", "surface", "raised"] as const).flatMap((name) => {
    const ground = colourOver(palette[name], BLACK);
    return [ground, colourOver(palette.selected, ground)];
  });
}

describe.each([
  ["dark", DARK],
  ["light", LIGHT],
])("the %s palette", (_name, palette) => {
  it.each(["text", "text2", "text3", "warn", "danger", "ok", "focus"] as const)(
    "can be read: %s, on every ground, selected or not",
    (name) => {
      for (const ground of grounds(palette)) {
        expect(contrast(colourOver(palette[name], ground), ground)).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it.each(["cache", "origin", "flight"] as const)("shows %s against an empty bar", (name) => {
    const surface = colourOver(palette.surface, BLACK);
    expect(contrast(colourOver(palette[name], surface), surface)).toBeGreaterThanOrEqual(2.9);
  });

  it("keeps what was here and what moved apart by lightness", () => {
    const surface = colourOver(palette.surface, BLACK);
    const parts = [
      colourOver(palette.cache, surface),
      colourOver(palette.origin, surface),
    ] as const;
    expect(contrast(...parts)).toBeGreaterThan(1.15);
  });

  it("writes on ink and on amber so that it can be read", () => {
    const ink = colourOver(palette.ink, BLACK);
    const amber = colourOver(palette.warnFill, BLACK);
    expect(contrast(colourOver(palette.onInk, ink), ink)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colourOver(palette.onWarn, amber), amber)).toBeGreaterThanOrEqual(4.5);
  });
});
