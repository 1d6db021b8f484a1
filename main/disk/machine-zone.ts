import { readlinkSync } from "node:fs";

/**
 * The machine's time zone as it is now. Node reads it once and keeps it; a machine that travels, or
 * whose owner sets another one, is followed where the system says it by a link.
 */
export function machineZone(link = "/etc/localtime"): string {
  const known = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (process.env["TZ"] !== undefined || process.platform === "win32") return known;
  const named = nameOf(link);
  return named !== null && isZone(named) ? named : known;
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
