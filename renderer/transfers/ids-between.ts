/** Both ends and what lies between them in the list, whichever comes first. */
export function idsBetween<Id>(ids: readonly Id[], one: Id, other: Id): readonly Id[] {
  const from = ids.indexOf(one);
  const to = ids.indexOf(other);
  if (from === -1 || to === -1) return [];
  return ids.slice(Math.min(from, to), Math.max(from, to) + 1);
}
