import type { Clock } from "../flow/clock.ts";
import { JumpGauge } from "../flow/jump-gauge.ts";

const LOOK_EVERY_MS = 1000;
/** A machine that is busy may well not look for some seconds. */
const LEAST_JUMP_MS = 10_000;
/** After a wake the network takes a while: what waits to try again is told so often, after so long. */
const TELL_AGAIN_AFTER_MS = [2000, 3000, 4000];

const NONE: ReadonlySet<string> = new Set();

export type WakePorts = {
  /** The machine's: what tests pass faster would seem to jump. */
  readonly clock: Clock;
  readonly leastJumpMs?: number | undefined;
  /** Null where it cannot be told now. */
  readonly addresses: () => ReadonlySet<string> | null;
  /** Of a host that is told by the system; answers the way to stop. */
  readonly onResume: ((listener: () => void) => () => void) | undefined;
  /** Closes sockets; those of these addresses of this machine, or all (null). */
  readonly renew: (addresses: readonly string[] | null) => void;
  /** What waits to try again tries now. */
  readonly retryNow: () => void;
  readonly log: (text: string) => void;
};

/**
 * Sees that the machine woke up, was stopped, or has another address: then sockets are dead without
 * a word, and what goes over them would wait until it is given up for silence.
 */
export class WakeWatch {
  readonly #ports: WakePorts;
  readonly #gauge: JumpGauge;
  #addresses: ReadonlySet<string>;
  #sleptMs = 0;
  #tells = 0;
  readonly #end = new AbortController();

  constructor(ports: WakePorts) {
    const { clock, leastJumpMs = LEAST_JUMP_MS, addresses } = ports;
    this.#ports = ports;
    this.#gauge = new JumpGauge(clock, leastJumpMs);
    this.#addresses = addresses() ?? NONE;
  }

  /** How long the process did not run, in all: it was not given up anything meanwhile. */
  get sleptMs(): number {
    this.#lookAtClock();
    return this.#sleptMs;
  }

  /** Looks again and again until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = this.#ports.onResume?.(() => this.#woke("the system says so"));
    while (!signal.aborted) {
      this.look();
      await this.#ports.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
    stop?.();
    this.#end.abort();
  }

  look(): void {
    this.#lookAtClock();
    this.#lookAtAddresses();
  }

  #lookAtClock(): void {
    const jump = this.#gauge.look();
    if (jump === null) return;
    this.#sleptMs += jump.stoppedMs;
    const seconds = Math.round((jump.stoppedMs || jump.wallMs) / 1000);
    this.#woke(`${jump.stoppedMs > 0 ? "time" : "the clock"} jumped by ${seconds} s`);
  }

  #lookAtAddresses(): void {
    const before = this.#addresses;
    this.#addresses = this.#ports.addresses() ?? before;
    const gone = [...before].filter((address) => !this.#addresses.has(address));
    if (gone.length > 0) {
      this.#ports.log(`an address of this machine went: connections from it are made anew`);
      this.#ports.renew(gone);
    }
    // A network that came may be the one that was waited for.
    const hasCome = [...this.#addresses].some((address) => !before.has(address));
    if (gone.length > 0 || hasCome) this.#tell();
  }

  #woke(why: string): void {
    this.#ports.log(`awake again, ${why}: all connections are made anew`);
    this.#ports.renew(null);
    this.#tell();
  }

  /** Now, and some times more until the network is likely to be there. */
  #tell(): void {
    this.#tells += 1;
    this.#ports.retryNow();
    // The engine closes.
    void this.#tellAgain(this.#tells).catch(() => undefined);
  }

  async #tellAgain(tell: number): Promise<void> {
    for (const ms of TELL_AGAIN_AFTER_MS) {
      await this.#ports.clock.sleep(ms, this.#end.signal);
      // A later wake tells by itself.
      if (tell !== this.#tells) return;
      this.#ports.retryNow();
    }
  }
}
