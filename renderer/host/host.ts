import { createContext, use } from "react";
import type { Client } from "#shared/client.ts";
import type { Picked } from "#shared/contract.ts";

/** How the window's line to the engine stands. */
export type Connection =
  | { readonly phase: "connecting" }
  | { readonly phase: "open" }
  /** Tries again by itself. */
  | { readonly phase: "lost"; readonly sinceMs: number }
  /** The token is wrong: only the address that the host printed helps. */
  | { readonly phase: "refused" };

/** A value that changes, for `useSyncExternalStore`. */
export type Watched<T> = {
  readonly get: () => T;
  /** Returns the way to stop listening. */
  readonly subscribe: (listener: () => void) => () => void;
};

/** Where the window runs, and what only that place can do. */
export type Host = {
  readonly client: Client;
  readonly connection: Watched<Connection>;
  readonly arrival: Arrival;
};

/** How a dropped file gets to the engine. */
export type Arrival =
  /** The desktop knows paths, and gives the page handles for them. */
  | {
      readonly kind: "handles";
      readonly grantFiles: (files: readonly File[]) => Promise<readonly Picked[]>;
    }
  /** A browser page sends bytes, `POST /incoming/…`, with this token; null while there is none. */
  | { readonly kind: "bytes"; readonly token: () => string | null };

const HostContext = createContext<Host | null>(null);

export const HostProvider = HostContext.Provider;

export function useHost(): Host {
  const host = use(HostContext);
  if (!host) throw new Error("no HostProvider above this component");
  return host;
}

export function useClient(): Client {
  return useHost().client;
}
