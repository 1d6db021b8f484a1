import { Rung } from "#shared/transfer.ts";

/** The lower of two rungs of the ladder of proof; null is no rung yet. */
export function weakerRung(a: Rung | null, b: Rung | null): Rung | null {
  if (a === null) return b;
  if (b === null) return a;
  return Rung.options.indexOf(a) > Rung.options.indexOf(b) ? a : b;
}
