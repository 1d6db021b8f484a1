import type { Client } from "#shared/client.ts";
import { formatDuration } from "#shared/format.ts";
import type { Profile } from "#shared/profile.ts";
import type { SyncWish } from "#shared/sync.ts";
import type { ConflictRule, TransferId, TransferView } from "#shared/transfer.ts";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import { makeFolders } from "#main/disk/make-folders.ts";
import { orAbort } from "#main/flow/or-abort.ts";
import { patienceOf } from "#main/flow/patience.ts";
import { isBoundByPatience } from "#main/flow/retry.ts";
import { answerConflicts } from "./answer-conflicts.ts";
import type { ChosenProfile } from "./choose-profile.ts";
import type { CommandContext } from "./context.ts";
import { sessionProfiles } from "./context.ts";
import type { CopyStep } from "./copy-plan.ts";
import { targetOf } from "./copy-plan.ts";
import { formatPlace, reportResult, resumeCommand } from "./copy-result.ts";
import type { CopyFlags } from "./flags.ts";
import { followTransfers, isOver } from "./follow-transfers.ts";
import { tellHomeTrouble } from "./home-trouble.ts";
import { accessOf, objectOptionsOf } from "./object-flags.ts";
import type { ProgressStyle } from "./progress-bars.ts";
import { openProgress } from "./progress-bars.ts";
import { showName } from "./quote.ts";
import type { Session, SessionOptions } from "./session.ts";

/** The other process stops the sockets of a transfer first. */
const PAUSE_MS = 5_000;

/** Bytes per second: the lowest that the contract takes. */
const LEAST_RATE = 1024;

/** What a command that moves something needs of its engine. */
export function copySession(
  command: string,
  chosen: ChosenProfile,
  flags: Pick<CopyFlags, "connections" | "giveUpAfter">,
): SessionOptions {
  return {
    command,
    runs: "own",
    profiles: sessionProfiles(chosen),
    isTransient: true,
    connections: flags.connections,
    giveUpAfterMs: flags.giveUpAfter,
    roots: null,
    // What holds for one process only does not move to another.
    canYield: flags.connections === null && flags.giveUpAfter === null,
  };
}

/** Its own means: they would hold for everything that the other process moves. */
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

/** Whoever names a folder on a command line wants it; a window asks. */
async function makeFolder(step: CopyStep): Promise<void> {
  if (step.kind === "upload") return;
  await onDisk(step.folder, "write", () => makeFolders(step.folder));
}

/** It would have been tried again, had there been patience left. */
function isGivenUp({ state }: TransferView): boolean {
  return state.phase === "failed" && isBoundByPatience(state.error.code);
}

/** What a command moves with; a sync asks about nothing that it replaces. */
export type CopyWish = {
  readonly profile: Profile;
  readonly flags: CopyFlags;
  readonly sync?: SyncWish;
};

/** The transfers of one command, from their start to its exit code. */
export class CopyRun {
  readonly #client: Client;
  readonly #isAttached: () => boolean;
  readonly #isSilent: () => boolean;
  readonly #profile: Profile;
  readonly #flags: CopyFlags;
  readonly #context: CommandContext;
  readonly #sync: SyncWish | undefined;
  #hasContinued = false;

  constructor(session: Session, { profile, flags, sync }: CopyWish, context: CommandContext) {
    this.#client = session.client;
    this.#isAttached = session.isAttached;
    this.#isSilent = session.isSilent;
    this.#profile = profile;
    this.#flags = flags;
    this.#context = context;
    this.#sync = sync;
  }

  /** One of them was an unfinished one of the same, which went on. */
  get hasContinued(): boolean {
    return this.#hasContinued;
  }

  async run(steps: readonly CopyStep[]): Promise<number> {
    const ended = await this.move(steps);
    return typeof ended === "number" ? ended : await this.#report(ended, steps);
  }

  /** @returns how they ended, in the order of the steps; or the exit code of an interrupt. */
  async move(steps: readonly CopyStep[]): Promise<readonly TransferView[] | number> {
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
      await orAbort(this.#startAll(steps, ids), signal);
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

  /** @param ids Gets each as soon as it is known. */
  async #startAll(steps: readonly CopyStep[], ids: TransferId[]): Promise<void> {
    for (const step of steps) {
      this.#context.interrupts.signal.throwIfAborted();
      if (this.#sync?.isDryRun !== true) await makeFolder(step);
      ids.push(await this.#start(step, steps.length));
    }
    await this.#nameOthers(ids);
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

  /** @param sharers How many transfers the rate of this command is divided over. */
  async #start(step: CopyStep, sharers: number): Promise<TransferId> {
    const { include, exclude } = this.#flags;
    const access = accessOf(this.#flags);
    const object = objectOptionsOf(this.#flags);
    const { versionId, preserveMode } = this.#flags;
    const shared = {
      include,
      exclude,
      onConflict: this.#rule(),
      access,
      readBack: this.#flags.verify,
      sync: this.#sync,
    };
    const started =
      step.kind === "upload"
        ? await this.#client.call("transfer.upload", {
            sources: step.paths.map((path) => ({ path })),
            destination: { profileId: this.#profile.id, bucket: step.bucket, prefix: step.prefix },
            rename: step.rename,
            contentsOnly: step.contentsOnly,
            followSymlinks: this.#flags.followSymlinks,
            emptyFolders: this.#flags.emptyFolders,
            partSizeBytes: this.#flags.partSize,
            object,
            ...shared,
          })
        : await this.#client.call("transfer.download", {
            profileId: this.#profile.id,
            bucket: step.bucket,
            keys: [...step.keys],
            folder: { path: step.folder },
            rename: step.rename,
            contentsOnly: step.contentsOnly,
            versionId,
            preserveMode,
            ...shared,
          });
    this.#hasContinued ||= started.isContinued;
    if (started.isContinued) this.#tell("Going on with the unfinished transfer of the same.");
    await this.#cap(started, sharers);
    return started.id;
  }

  /** A command without a rate lifts the one of the command that it continues. */
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

  /** A `cp` runs its own transfers only; who it is attached to runs the others, too. */
  async #nameOthers(ids: readonly TransferId[]): Promise<void> {
    if (this.#isAttached())
      return this.#tell("Longhaul runs already; this transfer joins its queue.");
    const all = await this.#client.call("transfer.list", null);
    for (const view of all.filter((each) => !ids.includes(each.id) && !isOver(each))) {
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

  /** The first code that is not 0: later ones are usually of the same cause. */
  async #report(views: readonly TransferView[], steps: readonly CopyStep[]): Promise<number> {
    let exitCode = 0;
    for (const [index, step] of steps.entries()) {
      const view = views[index];
      if (view === undefined) continue;
      const result = { view, target: targetOf(step), isFolder: step.contentsOnly };
      const code = await reportResult(this.#client, result, this.#context.terminal, this.#flags);
      exitCode ||= code;
    }
    this.tellGivenUp(views);
    return exitCode;
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
