/** How an endpoint is reached: through which proxy, and whose certificates are believed. */
export type Route = {
  readonly proxy: ProxyServer | null;
  /** PEM of authorities beside the usual ones. */
  readonly ca: string | null;
  /** SHA-256 of the only certificate that is believed, lower-case hex; whoever signed it. */
  readonly pinnedSha256: string | null;
};

export type ProxyServer = {
  /** Scheme, host and port; never with a password. */
  readonly origin: string;
  /** Value of Proxy-Authorization: a secret. */
  readonly authorization: string | null;
};

export const DIRECT: Route = { proxy: null, ca: null, pinnedSha256: null };

/**
 * The proxy that gets the requests to an endpoint whole, because it is a plain one; null where there
 * is none, or where it only opens a tunnel.
 */
export function relayOf({ proxy }: Route, origin: string): ProxyServer | null {
  return /^http:/i.test(origin) ? proxy : null;
}

/** What a relayed request says beside its own headers. */
export function relayHeaders({ authorization }: ProxyServer): Readonly<Record<string, string>> {
  return authorization === null ? {} : { "proxy-authorization": authorization };
}

/** Equal for equal routes. Holds what is secret: for maps only. */
export function keyOfRoute({ proxy, ca, pinnedSha256 }: Route): string {
  return JSON.stringify([proxy?.origin, proxy?.authorization, ca, pinnedSha256]);
}
