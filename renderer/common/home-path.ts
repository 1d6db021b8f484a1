import type { HostInfo } from "#shared/contract.ts";

type Home = Pick<HostInfo, "userFolder" | "pathSeparator">;

/** A path as people write it: what is below the person's own folder begins with `~`. */
export function homePath(path: string, host: Home | null): string {
  if (!host || host.userFolder === "") return path;
  if (path === host.userFolder) return "~";
  const within = host.userFolder + host.pathSeparator;
  return path.startsWith(within) ? `~${path.slice(host.userFolder.length)}` : path;
}

/** A sentence with the paths in it as people write them. */
export function homeWords(text: string, host: Home | null): string {
  if (!host || host.userFolder === "") return text;
  return text.replaceAll(host.userFolder + host.pathSeparator, `~${host.pathSeparator}`);
}
