/** Numbers that are the same for the same seed: mulberry32. */
export type Random = {
  /** From 0 to below `limit`. */
  readonly below: (limit: number) => number;
};

export function randomOf(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return { below: (limit) => (limit <= 0 ? 0 : next() % limit) };
}
