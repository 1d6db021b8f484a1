import { networkInterfaces } from "node:os";
import type { NetworkInterfaceInfo } from "node:os";

/**
 * The addresses of this machine that lead elsewhere: not those of itself, or of one cable. Null where
 * the system cannot say it now, as without a free descriptor.
 */
export function machineAddresses(): ReadonlySet<string> | null {
  const all = interfaces();
  if (all === null) return null;
  return new Set(
    all.filter((one) => !one.internal && !isOfOneLink(one.address)).map(({ address }) => address),
  );
}

function interfaces(): NetworkInterfaceInfo[] | null {
  try {
    return Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  } catch {
    return null;
  }
}

function isOfOneLink(address: string): boolean {
  return /^fe[89ab]/i.test(address) || address.startsWith("169.254.");
}
