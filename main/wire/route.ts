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

/** Requests to plain endpoints are handed to the proxy whole; to others it is asked for a tunnel. */
export function isRelayed({ proxy }: Route, origin: string): proxy is ProxyServer {
  return proxy !== null && /^http:/i.test(origin);
}

/** What a relayed request says beside its own headers. */
export function relayHeaders({ authorization }: ProxyServer): Readonly<Record<string, string>> {
  return authorization === null ? {} : { "proxy-authorization": authorization };
}

/** Equal for equal routes. Holds what is secret: for maps only. */
export function keyOfRoute({ proxy, ca, pinnedSha256 }: Route): string {
  return JSON.stringify([proxy?.origin, proxy?.authorization, ca, pinnedSha256]);
}
