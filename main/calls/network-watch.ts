import type { Clock } from "../flow/clock.ts";
import { networkInterfaces } from "node:os";

/** Looking costs a tenth of a millisecond. */
const LOOK_MS = 2_000;

/** The machine's addresses, as they are now; the same text while they stay. */
export function addressesNow(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map(({ address, netmask }) => `${name} ${address} ${netmask}`),
  );
  return all.toSorted().join("\n");
}

/**
 * Tells when the machine got another address, as a network that came back, another one or a VPN
 * gives it: whoever waits for it need not wait out its time. Until `signal` aborts; never rejects.
 */
export async function watchNetwork(
  onChange: () => void,
  { clock, addresses }: { readonly clock: Clock; readonly addresses: () => string },
  signal: AbortSignal,
): Promise<void> {
  let before = addresses();
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    const now = addresses();
    if (now !== before && !signal.aborted) onChange();
    before = now;
  }
}
