import type { Client } from "#shared/client.ts";
import type { ConflictRule, TransferId, TransferView } from "#shared/transfer.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatDuration } from "#shared/format.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import { makeFolders } from "#main/disk/make-folders.ts";
import { orAbort } from "#main/flow/or-abort.ts";
import { patienceOf } from "#main/flow/patience.ts";
import { isBoundByPatience } from "#main/flow/retry.ts";
import { answerConflicts } from "./answer-conflicts.ts";
import type { ChosenProfile } from "./choose-profile.ts";
import type { CommandContext } from "./context.ts";
import { sessionProfiles } from "./context.ts";
import { formatPlace, resumeCommand } from "./copy-result.ts";
import type { CopyFlags } from "./flags.ts";
import { followTransfers, isOver } from "./follow-transfers.ts";
import { tellHomeTrouble } from "./home-trouble.ts";
import { openProgress } from "./progress-bars.ts";
import type { ProgressStyle } from "./progress-bars.ts";
import { showName } from "./quote.ts";
import type { Session, SessionOptions } from "./session.ts";

/** The other process stops the sockets of a transfer first. */
const PAUSE_MS = 5_000;

/** Bytes per second: the lowest that the contract takes. */
const LEAST_RATE = 1024;

export type RunFlags = Pick<
  CopyFlags,
  "json" | "quiet" | "yes" | "onConflict" | "limitRate" | "giveUpAfter"
>;

/** One transfer that a command starts. */
export type Move = {
  /** The folder that gets files, made first: whoever names one on a command line wants it. */
  readonly folder: string | null;
  readonly start: (
    client: Client,
    onConflict: ConflictRule,
  ) => Promise<{ readonly id: TransferId; readonly isContinued: boolean }>;
};

/** What a command that moves something needs of its engine. */
export function moveSession(
  command: string,
  chosen: readonly ChosenProfile[],
  { connections, giveUpAfter }: Pick<CopyFlags, "connections" | "giveUpAfter">,
): SessionOptions {
  return {
    command,
    runs: "own",
    profiles: chosen.flatMap(sessionProfiles),
    isTransient: true,
    connections,
    giveUpAfterMs: giveUpAfter,
    roots: null,
    // What holds for one process only does not move to another.
    canYield: connections === null && giveUpAfter === null,
  };
}

/** They would hold for everything that the other process moves. @throws {LonghaulError} `invalid` */
export function refuseOwnMeans({
  connections,
  giveUpAfter,
}: Pick<CopyFlags, "connections" | "giveUpAfter">): void {
  const flag = connections !== null ? "--connections" : "--give-up-after";
  if (connections === null && giveUpAfter === null) return;
  throw new LonghaulError(
    "invalid",
    `another Longhaul runs this transfer, so ${flag} cannot hold for it alone; leave it out, or end the other one`,
  );
}

/** The transfers of one command, from their start to its exit code. */
export class TransferRun {
  readonly #client: Client;
  readonly #isAttached: () => boolean;
  readonly #isSilent: () => boolean;
  readonly #flags: RunFlags;
  readonly #context: CommandContext;
  #hasContinued = false;

  constructor(session: Session, flags: RunFlags, context: CommandContext) {
    this.#client = session.client;
    this.#isAttached = session.isAttached;
    this.#isSilent = session.isSilent;
    this.#flags = flags;
    this.#context = context;
  }

  /** One of them was an unfinished one of the same, which went on. */
  get hasContinued(): boolean {
    return this.#hasContinued;
  }

  /** @param report Says how they ended, in the order of `moves`, and gives the exit code. */
  async run(
    moves: readonly Move[],
    report: (views: readonly TransferView[]) => Promise<number>,
  ): Promise<number> {
    const ended = await this.move(moves);
    if (typeof ended === "number") return ended;
    const exitCode = await report(ended);
    this.tellGivenUp(ended);
    return exitCode;
  }

  /** @returns how they ended, in the order of `moves`; or the exit code of an interrupt. */
  async move(moves: readonly Move[]): Promise<readonly TransferView[] | number> {
    const { clock, interrupts, terminal } = this.#context;
    const { signal } = interrupts;
    const ids: TransferId[] = [];
    const progress = openProgress(this.#progressStyle(), terminal, () => clock.nowMs());
    const follower = {
      onViews: (views: readonly TransferView[]) => progress.show(views),
      onAsking: async (view: TransferView) => {
        if (this.#rule() !== "ask") return false;
        progress.hide();
        return await answerConflicts(this.#client, view, terminal, signal);
      },
    };
    const stopTelling = tellHomeTrouble(this.#client, (line) => {
      progress.hide();
      terminal.err(line);
    });
    try {
      await orAbort(this.#startAllOrNone(moves, ids), signal);
      const views = await followTransfers(this.#client, ids, follower, signal);
      progress.hide();
      return views;
    } catch (error) {
      progress.hide();
      if (!signal.aborted) throw error;
      await this.#pause(ids);
      const end = this.#isSilent()
        ? "Not stopped: the other Longhaul does not answer, and may go on with it. To see: longhaul queue ls. To go on"
        : "Stopped. What was moved is kept; to go on";
      terminal.err(`${end}: ${resumeCommand(this.#context.args)}`);
      return interrupts.exitCode() ?? 130;
    } finally {
      stopTelling();
    }
  }

  /** What cannot be started ends the command, and nothing of it goes on without it. */
  async #startAllOrNone(moves: readonly Move[], ids: TransferId[]): Promise<void> {
    try {
      await this.#startAll(moves, ids);
    } catch (error) {
      await this.#pause(ids);
      throw error;
    }
  }

  /** @param ids Gets each as soon as it is known. */
  async #startAll(moves: readonly Move[], ids: TransferId[]): Promise<void> {
    const folders = new Set(moves.flatMap(({ folder }) => folder ?? []));
    for (const folder of folders) await onDisk(folder, "write", () => makeFolders(folder));
    let continuedCount = 0;
    for (const { start } of moves) {
      this.#context.interrupts.signal.throwIfAborted();
      const started = await start(this.#client, this.#rule());
      if (started.isContinued) continuedCount += 1;
      ids.push(started.id);
      await this.#cap(started, moves.length);
    }
    this.#hasContinued ||= continuedCount > 0;
    if (continuedCount > 0) this.#tellContinued(continuedCount);
    await this.#nameOthers(ids);
  }

  #tellContinued(count: number): void {
    this.#tell(
      count === 1
        ? "Going on with the unfinished transfer of the same."
        : `Going on with ${count} unfinished transfers of the same.`,
    );
  }

  /** An engine of this process stops by itself; one of another is told to. A second Ctrl-C does not wait. */
  async #pause(ids: readonly TransferId[]): Promise<void> {
    if (!this.#isAttached()) return;
    const paused = Promise.allSettled(
      ids.map(async (id) => await this.#client.call("transfer.pause", { id })),
    );
    const done = new AbortController();
    const late = this.#context.clock.sleep(PAUSE_MS, done.signal).catch(() => undefined);
    await Promise.race([paused, late]).finally(() => done.abort());
  }

  /**
   * A command without a rate lifts the one of the command that it continues.
   *
   * @param sharers How many transfers the rate of this command is divided over.
   */
  async #cap(
    { id, isContinued }: { readonly id: TransferId; readonly isContinued: boolean },
    sharers: number,
  ): Promise<void> {
    const { limitRate } = this.#flags;
    if (limitRate === null && !isContinued) return;
    const bytesPerSecond =
      limitRate === null ? null : Math.max(LEAST_RATE, Math.floor(limitRate / sharers));
    await this.#client.call("transfer.cap", { id, bytesPerSecond });
  }

  /** Asking needs a person, and JSON lines are read by none. */
  #rule(): ConflictRule {
    const { onConflict, json, yes } = this.#flags;
    if (onConflict === "rename") return "keep-both";
    return onConflict ?? (this.#context.terminal.canAsk && !json && !yes ? "ask" : "fail");
  }

  /** A command runs its own transfers only; who it is attached to runs the others, too. */
  async #nameOthers(ids: readonly TransferId[]): Promise<void> {
    if (this.#isAttached()) {
      const which = ids.length === 1 ? "this transfer joins" : "these transfers join";
      return this.#tell(`Longhaul runs already; ${which} its queue.`);
    }
    const own = new Set(ids);
    const all = await this.#client.call("transfer.list", null);
    for (const view of all.filter((each) => !own.has(each.id) && !isOver(each))) {
      this.#tell(`Left as it is: ${showName(view.name)} to ${showName(formatPlace(view.to))}`);
    }
  }

  #tell(line: string): void {
    if (!this.#flags.quiet && !this.#flags.json) this.#context.terminal.err(line);
  }

  #progressStyle(): ProgressStyle {
    if (this.#flags.json) return "json";
    if (this.#flags.quiet) return "none";
    return this.#context.terminal.isErrTty ? "bars" : "plain";
  }

  /** Says so where something would have been tried again, had there been patience left. */
  tellGivenUp(views: readonly TransferView[]): void {
    if (!views.some(isGivenUp)) return;
    const { terminal, args } = this.#context;
    const { beforeFirstByteMs, sinceLastByteMs } = patienceOf(this.#flags.giveUpAfter);
    const hasMoved = views.some(({ doneBytes, keptBytes }) => doneBytes > keptBytes);
    const seconds = (hasMoved ? sinceLastByteMs : beforeFirstByteMs) / 1000;
    // Who runs it for this command has a patience of his own.
    const after = this.#isAttached() ? "" : ` after ${formatDuration(seconds)} without a byte`;
    terminal.err(`Given up${after}. To go on: ${resumeCommand(args)}`);
  }
}

/** It would have been tried again, had there been patience left. */
function isGivenUp({ state }: TransferView): boolean {
  return state.phase === "failed" && isBoundByPatience(state.error.code);
}
