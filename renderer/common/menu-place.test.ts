import { describe, expect, it } from "vitest";
import { placeMenu, stepTo } from "./menu-place.ts";

const room = { width: 1280, height: 800 };
const menu = { width: 228, height: 300 };
const anchorAt = (left: number, top: number) => ({ left, right: left + 28, top, bottom: top + 28 });

describe("a menu's place", () => {
  it("is below its button, with the right edges in line", () => {
    expect(placeMenu(anchorAt(1240, 100), menu, room)).toEqual({ left: 1040, top: 132 });
  });

  it("is above where the window ends", () => {
    expect(placeMenu(anchorAt(1240, 700), menu, room)).toEqual({ left: 1040, top: 396 });
  });

  it("stays in the window on the left and on the right", () => {
    expect(placeMenu(anchorAt(10, 100), menu, room).left).toBe(4);
    expect(placeMenu(anchorAt(1270, 100), menu, room).left).toBe(1280 - 228 - 4);
  });

  it("begins at the top where it fits nowhere", () => {
    expect(placeMenu(anchorAt(600, 100), { width: 228, height: 790 }, room).top).toBe(4);
  });
});

describe("a key in a menu", () => {
  it.each([
    ["ArrowDown", 0, 1],
    ["ArrowDown", 2, 0],
    ["ArrowUp", 0, 2],
    ["ArrowUp", -1, 2],
    ["ArrowDown", -1, 0],
    ["Home", 2, 0],
    ["End", 0, 2],
  ])("%s from %d goes to %d, round the ends", (key, at, to) => {
    expect(stepTo(key, at, 3)).toBe(to);
  });

  it("goes nowhere when it is another key, or the menu is empty", () => {
    expect(stepTo("a", 0, 3)).toBeNull();
    expect(stepTo("ArrowDown", -1, 0)).toBeNull();
  });
});
