import type { Watched } from "./host.ts";

export type Watch<T> = Watched<T> & { readonly set: (next: T) => void };

export function createWatch<T>(first: T): Watch<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
