/** Where the web host can be reached, as requests must say it. */
export type Reach = {
  /** `http` or `https`. */
  readonly scheme: string;
  readonly port: number;
  /** Names and addresses, without port. */
  readonly hosts: readonly string[];
};

/** The names of this machine for itself, as in a `Host` header. */
export const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Refuses what a foreign page could send through this browser: a request under another name (DNS
 * rebinding) or from another origin. Null lets it through; else the reason.
 */
export function whyRefused(
  reach: Reach,
  host: string | undefined,
  origin: string | undefined,
  needsOrigin: boolean,
): string | null {
  const authorities = reach.hosts.flatMap((name) => authoritiesOf(reach, name));
  if (host === undefined || !authorities.includes(host.toLowerCase())) return "unknown host name";
  if (origin === undefined) return needsOrigin ? "no origin" : null;
  const isOwn = authorities.some((name) => origin.toLowerCase() === `${reach.scheme}://${name}`);
  return isOwn ? null : "foreign origin";
}

/** A browser leaves out the scheme's own port. */
function authoritiesOf({ scheme, port }: Reach, name: string): readonly string[] {
  const lower = name.toLowerCase();
  const isUsual = port === (scheme === "https" ? 443 : 80);
  return isUsual ? [lower, `${lower}:${port}`] : [`${lower}:${port}`];
}

/** An address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
