import { networkInterfaces } from "node:os";

/** The addresses of this machine that lead elsewhere: not those of itself, or of one cable. */
export function machineAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  return new Set(
    all.filter((one) => !one.internal && !isOfOneLink(one.address)).map(({ address }) => address),
  );
}

function isOfOneLink(address: string): boolean {
  return /^fe[89ab]/i.test(address) || address.startsWith("169.254.");
}
