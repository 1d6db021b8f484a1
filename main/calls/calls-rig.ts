import { setImmediate } from "node:timers/promises";
import type { HostInfo } from "#shared/contract.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { ProfileId } from "#shared/profile.ts";
import { resolve as absolute } from "node:path";
import type { EngineHost } from "../engine-host.ts";
import type { Clock } from "../flow/clock.ts";
import { LASTING_PATIENCE } from "../flow/patience.ts";
import { MemoryDocument, MemorySecrets } from "../profiles/fakes.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import { LonghaulError } from "#shared/errors.ts";
import { isInside } from "../disk/is-below.ts";

/** For tests: a clock that stands still until it is told; who sleeps waits for it. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs;
  }

  get sleeperCount(): number {
    return this.#sleepers.size;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { untilMs: this.#nowMs + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    await promise.finally(() => {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener("abort", onAbort);
    });
  }

  /** Moves on, and lets everybody who woke do what they do. */
  async advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const { untilMs, wake } of this.#sleepers) if (untilMs <= this.#nowMs) wake();
    await settle();
  }
}

/** Lets everything that is ready run, file system calls aside. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

/** What a host does with a path that a page names: only below `root`, links not looked at. */
export function resolveBelow(root: string) {
  return async (ref: LocalRef): Promise<string> => {
    if ("handle" in ref) throw new LonghaulError("unsupported", "no handles here");
    const path = absolute(ref.path);
    if (isInside(root, path)) return path;
    throw new LonghaulError("path-denied", `${path} is out of bounds`, { details: { path } });
  };
}

export function aTransferView(given: Partial<TransferView> & { id?: TransferId } = {}) {
  return {
    id: aTransferId(1),
    direction: "upload",
    name: "llama",
    from: { kind: "local", path: "/models/llama" },
    to: { kind: "s3", profileId: ProfileId.parse("lab"), profileName: "Lab", bucket: "b", key: "" },
    state: { phase: "queued", cause: "limit" },
    doneBytes: 0,
    keptBytes: 0,
    inFlightBytes: 0,
    totalBytes: 100,
    isListing: false,
    itemCount: 1,
    doneItemCount: 0,
    failedItemCount: 0,
    skippedItemCount: 0,
    askingItemCount: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    movedTwiceBytes: 0,
    resumedAtBytes: null,
    rung: null,
    capBytesPerSecond: null,
    createdAtMs: 1,
    startedAtMs: null,
    activeMs: 0,
    position: 1,
    ...given,
  } satisfies TransferView;
}

export function aHostInfo(given: Partial<HostInfo> = {}): HostInfo {
  return {
    kind: "web",
    version: "0.0.0",
    platform: "linux",
    home: "/home/ada/.local/share/longhaul",
    roots: ["/home/ada"],
    pathSeparator: "/",
    userFolder: "/home/ada",
    canShowInFolder: false,
    canPick: false,
    ...given,
  };
}

/** A host that runs everything, has no dialogs, and whose practice store does not start. */
export function aHost(given: Partial<EngineHost> = {}): EngineHost {
  return {
    info: aHostInfo(),
    program: "a test",
    clock: new ManualClock(),
    random: () => 0.5,
    document: new MemoryDocument(),
    secrets: new MemorySecrets(),
    runs: "all",
    connections: 8,
    patience: LASTING_PATIENCE,
    startPractice: () => Promise.reject(new LonghaulError("internal", "no practice store here")),
    resolveRef: async (ref) => ("path" in ref ? absolute(ref.path) : absolute(ref.handle)),
    pick: () => Promise.reject(new LonghaulError("unsupported", "no dialogs here")),
    showInFolder: async () => undefined,
    saveText: async () => null,
    redact: (text) => text,
    log: () => undefined,
    ...given,
  };
}
