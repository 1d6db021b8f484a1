import { readlinkSync } from "node:fs";

/**
 * The machine's time zone as it is now. Node reads it once and keeps it; a machine that travels, or
 * whose owner sets another one, is followed where the system says it by a link.
 */
export function machineZone(link = "/etc/localtime"): string {
  if (process.env["TZ"] !== undefined || process.platform === "win32") return nodesZone();
  const named = nameOf(link);
  // Whether it is one is asked once: that takes as long as a small file.
  if (named !== last.name) last = { name: named, isZone: named !== null && isZone(named) };
  return named !== null && last.isZone ? named : nodesZone();
}

let last: { readonly name: string | null; readonly isZone: boolean } = {
  name: null,
  isZone: false,
};

function nodesZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `Europe/Berlin` of a link to `/usr/share/zoneinfo/Europe/Berlin`. */
function nameOf(link: string): string | null {
  try {
    const [, name] = /zoneinfo(?:\.default)?\/(.+)$/.exec(readlinkSync(link)) ?? [];
    return name ?? null;
  } catch {
    return null;
  }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}
