type Box = {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
};
type Size = { readonly width: number; readonly height: number };

const GAP = 4;

/** Below the anchor with right edges in line; above, or further left, where the window ends. Pixels. */
export function placeMenu(anchor: Box, menu: Size, room: Size): { left: number; top: number } {
  const below = anchor.bottom + GAP;
  const above = anchor.top - GAP - menu.height;
  const fits = below + menu.height <= room.height - GAP;
  const left = anchor.right - menu.width;
  return {
    left: Math.max(GAP, Math.min(left, room.width - menu.width - GAP)),
    top: fits ? below : Math.max(GAP, above),
  };
}

/** Which item a key goes to, going round at the ends; null for keys that go nowhere. */
export function stepTo(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (Math.max(at, 0) - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
