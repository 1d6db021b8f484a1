import type { Limits } from "#shared/limits.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Direction } from "#shared/transfer.ts";
import type { Meter, Wire } from "../wire/wire.ts";

type Ports = {
  readonly wire: Pick<Wire, "openMeter">;
  /** Undefined where the profile has none, or is gone. */
  readonly limitsOf: (id: ProfileId) => Limits | undefined;
};

type OpenCap = { readonly id: ProfileId; readonly direction: Direction; readonly meter: Meter };

/**
 * What all transfers of one profile may use of the line together, one cap each way: between the
 * limits of all and the cap of each transfer. They hold at all times, whatever the week says.
 */
export class ProfileCaps {
  readonly #ports: Ports;
  /** Of every profile that something ran with; there are few, and they stay. */
  readonly #open = new Map<string, OpenCap>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Whose cap a transfer shares. */
  of(id: ProfileId, direction: Direction): Meter {
    const key = `${direction} ${id}`;
    const known = this.#open.get(key);
    if (known) return known.meter;
    const opened = { id, direction, meter: this.#ports.wire.openMeter() };
    this.#open.set(key, opened);
    this.#apply(opened);
    return opened.meter;
  }

  /** Profiles have changed; takes effect at once. */
  follow(): void {
    for (const one of this.#open.values()) this.#apply(one);
  }

  #apply({ id, direction, meter }: OpenCap): void {
    const limits = this.#ports.limitsOf(id);
    const rate = direction === "upload" ? limits?.upBytesPerSecond : limits?.downBytesPerSecond;
    meter.setCap(rate ?? null);
  }
}
