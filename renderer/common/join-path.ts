import type { HostInfo } from "#shared/contract.ts";

/** What is called so in a folder of the host. */
export function joinPath(
  folder: string,
  name: string,
  host: Pick<HostInfo, "pathSeparator"> | null,
): string {
  const separator = host?.pathSeparator ?? "/";
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}
