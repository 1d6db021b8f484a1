import type { Client } from "#shared/client.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatDuration } from "#shared/format.ts";
import type { Profile } from "#shared/profile.ts";
import { NO_SYNC, SyncWish } from "#shared/sync.ts";
import type { TransferView } from "#shared/transfer.ts";
import type { CommandContext } from "../context.ts";
import type { CopyStep } from "../copy-plan.ts";
import { targetOf } from "../copy-plan.ts";
import { reportResult } from "../copy-result.ts";
import { toMove } from "../copy-move.ts";
import { moveSession, refuseOwnMeans, TransferRun } from "../transfer-run.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { SyncFlags } from "../flags.ts";
import { lookAt, readAddress } from "../look-at.ts";
import { showName } from "../quote.ts";
import type { Session } from "../session.ts";
import { withSession } from "../session.ts";
import { planSync } from "../sync-plan.ts";
import { deletionsOf, isExpectedNote, sentenceOfSync } from "../sync-result.ts";

/** `longhaul sync SRC DST`. Returns the exit code. @throws {LonghaulError} before anything has moved. */
export async function sync(
  paths: readonly string[],
  flags: SyncFlags,
  context: CommandContext,
): Promise<number> {
  const [source, target] = paths;
  if (source === undefined || target === undefined || paths.length > 2) {
    throw new LonghaulError("invalid", "one source and one destination are needed: sync SRC DST");
  }
  checkFlags(flags, context);
  const folder = context.workingFolder;
  const found = await lookAt(readAddress(source, folder));
  const step = planSync(found, readAddress(target, folder));
  const chosen = await context.chooseProfile(flags);
  const options = moveSession("sync", [chosen], flags);
  return await withSession(context.openEngine, options, async (session) => {
    if (session.isAttached()) refuseOwnMeans(flags);
    const run = new SyncRun(session, { profile: chosen.profile, flags, step }, context);
    return await (flags.every === null ? run.once() : run.again(flags.every));
  });
}

/** @throws {LonghaulError} `invalid` where something would be deleted that nobody was asked about. */
function checkFlags({ json, yes, dryRun, every, ...flags }: SyncFlags, context: CommandContext) {
  if (every !== null && dryRun) {
    throw new LonghaulError("invalid", "--dry-run looks once, so --every has nothing to repeat");
  }
  if (!flags.delete || yes || dryRun) return;
  if (!json && every === null && context.terminal.canAsk) return;
  const why = every === null ? "nobody can be asked here" : "nobody is asked again and again";
  throw new LonghaulError(
    "invalid",
    `--delete asks before it deletes, and ${why}; --yes says it ahead, --dry-run shows what it would be`,
  );
}

const EMPTY = "Nothing at all is at the source: a disk or a folder that is missing looks the same.";

type Wish = { readonly profile: Profile; readonly flags: SyncFlags; readonly step: CopyStep };

/** How one run ended: what its transfer came to, or only an exit code. */
type Ended = TransferView | number;

class SyncRun {
  readonly #session: Session;
  readonly #client: Client;
  readonly #wish: Wish;
  readonly #context: CommandContext;

  constructor(session: Session, wish: Wish, context: CommandContext) {
    this.#session = session;
    this.#client = session.client;
    this.#wish = wish;
    this.#context = context;
  }

  async once(): Promise<number> {
    const { flags } = this.#wish;
    const isAsking = flags.delete && !flags.yes && !flags.dryRun;
    if (isAsking) return await this.#askAndRun();
    const { dryRun: isDryRun, allowEmpty: allowsEmpty } = flags;
    return await this.#report(await this.#run({ deletes: flags.delete, isDryRun, allowsEmpty }));
  }

  /** Until it is interrupted. What fails is told, and tried again like all else. */
  async again(everyMs: number): Promise<number> {
    const { clock, interrupts, terminal } = this.#context;
    const { flags } = this.#wish;
    const wish = { deletes: flags.delete, allowsEmpty: flags.allowEmpty };
    for (;;) {
      const ended = await this.#run(wish);
      const exitCode = await this.#report(ended);
      if (interrupts.signal.aborted) return exitCode;
      if (!flags.json && !flags.quiet) {
        terminal.err(`Again in ${formatDuration(everyMs / 1000)}; Ctrl-C ends it.`);
      }
      await this.#forget(ended);
      try {
        await clock.sleep(everyMs, interrupts.signal);
      } catch (error) {
        if (!interrupts.signal.aborted) throw error;
        return interrupts.exitCode() ?? exitCodeOf("canceled");
      }
    }
  }

  /** What is agreed to is what a dry run found, and no more than that. */
  async #askAndRun(): Promise<number> {
    const planned = await this.#run({ deletes: true, isDryRun: true, allowsEmpty: true });
    if (typeof planned === "number" || planned.state.phase !== "done") {
      return await this.#report(planned);
    }
    const { moves, deletes, same } = planned.sync ?? NO_SYNC;
    // Where there is nothing to do, what was found out is what there is to say.
    if (moves + deletes === 0) {
      const exitCode = await this.#report(planned);
      await this.#forget(planned);
      return exitCode;
    }
    const isEmpty = moves + same === 0 && planned.itemCount === deletes;
    const names = await deletionsOf(this.#client, planned);
    await this.#forget(planned);
    if (deletes === 0 || (await this.#agree(planned, names, isEmpty))) {
      const agreed = { deletes: true, allowsEmpty: isEmpty, mostDeletes: deletes };
      return await this.#report(await this.#run(agreed));
    }
    this.#context.terminal.err("Nothing was moved or deleted.");
    return exitCodeOf("canceled");
  }

  async #agree(
    planned: TransferView,
    names: readonly string[],
    isEmpty: boolean,
  ): Promise<boolean> {
    const { terminal, interrupts } = this.#context;
    const target = targetOf(this.#wish.step);
    const { deletes } = planned.sync ?? NO_SYNC;
    terminal.err(sentenceOfSync(planned, target, true));
    for (const name of names) terminal.err(`  delete ${showName(name)}`);
    if (deletes > names.length) terminal.err(`  and ${deletes - names.length} more`);
    if (isEmpty) terminal.err(EMPTY);
    const question = `Delete ${deletes} at ${showName(target)}? [y/N] `;
    return /^y(es)?$/iu.test(await terminal.ask(question, interrupts.signal));
  }

  /** An unfinished one that goes on knows its source as it was then: after it, it is looked at anew. */
  async #run(wish: Partial<SyncWish>): Promise<Ended> {
    const { profile, flags, step } = this.#wish;
    const wished = SyncWish.parse({ ...wish, byDigest: flags.checksum });
    for (let isSecond = false; ; isSecond = true) {
      const run = new TransferRun(this.#session, flags, this.#context);
      const ended = await run.move([toMove(step, { profile, flags, sync: wished })]);
      if (typeof ended === "number") return ended;
      run.tellGivenUp(ended);
      const [view] = ended;
      if (view === undefined) throw new Error("a transfer without a view");
      if (isSecond || !run.hasContinued || view.state.phase !== "done") return view;
      await this.#forget(view);
    }
  }

  async #report(ended: Ended): Promise<number> {
    if (typeof ended === "number") return ended;
    const { flags, step } = this.#wish;
    const target = targetOf(step);
    const words = {
      sentence: (view: TransferView) =>
        flags.quiet ? showName(target) : sentenceOfSync(view, target, flags.dryRun),
      isExpected: isExpectedNote,
    };
    const result = { view: ended, target, isFolder: true };
    const style = { ...flags, words };
    const exitCode = await reportResult(this.#client, result, this.#context.terminal, style);
    if (flags.dryRun) await this.#forget(ended);
    return exitCode;
  }

  /** What only looked, or is followed by the next of its kind, is nothing to keep in the list. */
  async #forget(ended: Ended): Promise<void> {
    if (typeof ended === "number" || ended.state.phase !== "done") return;
    await this.#client.call("transfer.clear", { ids: [ended.id] });
  }
}
