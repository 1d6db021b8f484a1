import type { HostInfo } from "#shared/contract.ts";

/** A path as people write it: what is below the person's own folder begins with `~`. */
export function homePath(
  path: string,
  host: Pick<HostInfo, "userFolder" | "pathSeparator"> | null,
): string {
  if (!host || host.userFolder === "") return path;
  if (path === host.userFolder) return "~";
  const within = host.userFolder + host.pathSeparator;
  return path.startsWith(within) ? `~${path.slice(host.userFolder.length)}` : path;
}
