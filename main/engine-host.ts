import type { CallHandlers, HostEvent, HostInfo, Picked } from "#shared/contract.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { LentKeys, LentProfile } from "#shared/local-protocol.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { CloneFile } from "./disk/clone-file.ts";
import type { Clock } from "./flow/clock.ts";
import type { PatienceLimits } from "./flow/patience.ts";
import type { DocumentFile } from "./profiles/document-file.ts";
import type { RetryNotice } from "./parts/ports.ts";
import type { WireOptions } from "./wire/create-wire.ts";
import type { SecretStore } from "./profiles/secret-store.ts";

/** What the process that embeds the engine gives it. */
export interface EngineHost {
  readonly info: HostInfo;
  /** What to call this process to someone who finds the home taken: `longhaul serve`, `Longhaul`. */
  readonly program: string;
  readonly clock: Clock;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  /** Profiles and settings: `settings.json` in the home. */
  readonly document: DocumentFile;
  readonly secrets: SecretStore;
  /**
   * `all`: everything unfinished goes on (window, `serve`); `own`: only what this process starts
   * (`cp`), the rest stays as it is.
   */
  readonly runs: "all" | "own";
  /** Most sockets to one endpoint; null is what the settings say. Profiles may say less. */
  readonly connections: number | null;
  /** The system's proxy for a URL, in the words of a PAC file; without it the environment says. */
  readonly systemProxy?: ((url: string) => Promise<string>) | undefined;
  /** For tests: shorter waits for the other side than the wire's own, and shorter sleeps that count. */
  readonly waits?: Pick<WireOptions, "connectTimeoutMs" | "stallMs" | "judgedMs"> & {
    readonly leastJumpMs?: number;
  };
  /** For tests: as a file system that shares bytes between files, which few machines have. */
  readonly cloneFile?: CloneFile;
  /** For tests: the addresses of this machine that lead elsewhere. */
  readonly addresses?: () => ReadonlySet<string>;
  /** Where the system says that it woke up; answers the way to stop listening. */
  onResume?(listener: () => void): () => void;
  /**
   * What tells this machine from others, null where nothing does. A home that comes from another
   * one starts with its transfers paused. Absent: nobody asks.
   */
  readonly machineId?: () => Promise<string | null>;
  /** Hears of every request that failed and will be repeated. */
  readonly onRetry?: (notice: RetryNotice) => void;
  /** How long a transfer tries on: `LASTING_PATIENCE`, or `ONE_SHOT_PATIENCE` for one command. */
  readonly patience: PatienceLimits;
  /** Starts the sandbox store over `folder`; asked for when the practice profile is first used. */
  startPractice(folder: string): Promise<PracticeStore>;
  /**
   * The absolute path behind a reference, checked against what this host lets the caller touch.
   * @throws {LonghaulError} `path-denied`, `path-missing`, `unsupported`.
   */
  resolveRef(ref: LocalRef, use: "read" | "write"): Promise<string>;
  /** The system's dialog; @throws {LonghaulError} `unsupported` where `info.canPick` is false. */
  pick(kind: "folder" | "files", title: string): Promise<readonly Picked[]>;
  showInFolder(path: string): Promise<void>;
  /**
   * Asks where to keep a text and writes it there; null when the question was dismissed.
   * @throws {LonghaulError} `unsupported` where `info.canPick` is false.
   */
  saveText(fileName: string, text: string): Promise<string | null>;
  /** The text without the secrets that this process has met, and whatever looks like one. */
  redact(text: string): string;
  /** From now on `redact` takes this out of every text. */
  hide?(secret: string): void;
  /** One line for the host's log; secrets never get here. */
  log(level: "info" | "warn" | "error", text: string): void;
}

export type PracticeStore = {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly stop: () => Promise<void>;
};

export interface Engine {
  readonly handlers: CallHandlers;
  /** Returns the way to stop listening. */
  onEvent(listener: (event: HostEvent) => void): () => void;
  readonly incoming: IncomingDoor;
  /** Stops moving, keeps the parts, closes the journal, gives the home's lock back. Within 5 s. */
  close(): Promise<void>;
}

/** An engine in this very process. */
export interface OwnEngine extends Engine {
  readonly local: LocalDoor;
}

export type RenewKeys = (id: ProfileId) => Promise<LentKeys | null>;

/** What other processes of this user may do: they can read the home anyway. */
export interface LocalDoor {
  /** The calls again, for whoever may name any path of the machine, as an absolute one. */
  readonly handlers: CallHandlers;
  /**
   * Profiles and keys that only another process knows, until what uses them has settled and it has
   * given them back. What it `started` and what missed them meanwhile goes on.
   *
   * @throws {LonghaulError} `invalid` while other keys are in use for the same place.
   */
  lend(
    lent: readonly LentProfile[],
    started: readonly TransferId[],
    /** Asks for keys anew when they expire or are refused; null: there are none any more. */
    renew?: RenewKeys,
  ): Promise<() => void>;
}

/**
 * Files that a browser page sends. The web host receives a request's body in a thread of its own
 * and writes it to `path`; the engine says where, and counts.
 */
export interface IncomingDoor {
  /**
   * Where a body of `lengthBytes` for this ticket goes: into `path`, which exists, at `offsetBytes`.
   * One body a ticket at a time.
   * @throws {LonghaulError} `invalid` (no such ticket, another body is under way, beyond the end),
   * `conflict` when the page's offset is not ours (`details.neededBytes` is ours), `disk-full`.
   */
  begin(
    ticket: string,
    offsetBytes: number,
    lengthBytes: number,
  ): Promise<{ readonly path: string }>;
  /** Bytes written so far of the body under way; at most a few times a second. */
  progress(ticket: string, offsetBytes: number): void;
  /**
   * The body ended, whole or not: the file is durable up to `offsetBytes`. Always called after
   * `begin`, with the offset of `begin` when nothing was kept.
   */
  end(ticket: string, offsetBytes: number): Promise<void>;
}
