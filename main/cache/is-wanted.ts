import type { Entry } from "./entry.ts";

/** What an unfinished download asks for. */
export type Wanted = {
  readonly origin: string;
  /** Object keys, and prefixes ending in `/` or empty. */
  readonly keys: readonly string[];
};

/** Tells which entries unfinished transfers use; their patterns are left out of account. */
export function wantedBy(
  wishes: readonly Wanted[],
): (entry: Pick<Entry, "origin" | "key">) => boolean {
  const keys = new Map<string, Set<string>>();
  const prefixes = new Map<string, string[]>();
  for (const { origin, keys: asked } of wishes) {
    for (const key of asked) {
      if (key === "" || key.endsWith("/")) put(prefixes, origin, []).push(key);
      else put(keys, origin, new Set<string>()).add(key);
    }
  }
  return ({ origin, key }) =>
    keys.get(origin)?.has(key) === true ||
    prefixes.get(origin)?.some((prefix) => key.startsWith(prefix)) === true;
}

function put<T>(map: Map<string, T>, name: string, first: T): T {
  const found = map.get(name) ?? first;
  map.set(name, found);
  return found;
}
