import type { CacheWork, CacheWorkState } from "#shared/cache.ts";
import type { Client } from "#shared/client.ts";
import { isAbort } from "#shared/errors.ts";
import { formatBytes } from "#shared/format.ts";
import type { ProfileFlags } from "../choose-profile.ts";
import type { CommandContext } from "../context.ts";
import { sessionProfiles } from "../context.ts";
import { exitCodeOf } from "../exit-code.ts";
import { showName } from "../quote.ts";
import { plainSession, withSession } from "../session.ts";
import { copies, findCopies, toId } from "./cache.ts";

const LOOK_EVERY_MS = 250;
const SAY_EVERY_MS = 10_000;

type Ended = NonNullable<CacheWorkState["last"]>;

/**
 * `longhaul cache verify|repair`
 *
 * @param names All, or all that are damaged, if empty.
 */
export async function workOnCache(
  kind: CacheWork["kind"],
  names: readonly string[],
  flags: ProfileFlags & { readonly json: boolean },
  context: CommandContext,
): Promise<number> {
  // The origin may have to be asked, and only this command may have the keys.
  const profiles = sessionProfiles(await context.chooseProfile(flags));
  const session = { ...plainSession("cache"), profiles, isTransient: true };
  return await withSession(context.openEngine, session, async ({ client }) => {
    const ids = names.length === 0 ? null : (await findCopies(client, names, context)).map(toId);
    await client.call(`cache.${kind}`, { ids });
    const ended = await follow(client, flags, context);
    show(ended, flags, context);
    if (ended.isStopped) return context.interrupts.exitCode() ?? exitCodeOf("canceled");
    if (ended.failedCount > 0) return exitCodeOf("items-failed");
    return ended.damagedCount > 0 ? exitCodeOf("corrupt") : 0;
  });
}

/** Until it has ended; an interrupt stops it. */
async function follow(
  client: Client,
  { json }: { readonly json: boolean },
  { clock, interrupts, terminal }: CommandContext,
): Promise<Ended> {
  const { signal } = interrupts;
  let saidAtMs = clock.nowMs();
  for (;;) {
    if (signal.aborted) await client.call("cache.stopWork", null);
    const { now, last } = await client.call("cache.work", null);
    if (now === null && last !== null) return last;
    if (now !== null && !json && clock.nowMs() - saidAtMs >= SAY_EVERY_MS) {
      saidAtMs = clock.nowMs();
      terminal.err(progressOf(now));
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
  }
}

function progressOf({ doneBytes, totalBytes, doneCount, totalCount }: CacheWork): string {
  const size = (bytes: number) => formatBytes(bytes, "decimal");
  return `${doneCount} of ${copies(totalCount)}, ${size(doneBytes)} of ${size(totalBytes)}`;
}

function show(ended: Ended, { json }: { readonly json: boolean }, context: CommandContext): void {
  const { terminal } = context;
  if (json) return terminal.out(JSON.stringify({ type: "cache-work", ...ended }));
  for (const { id, error } of ended.failures) {
    terminal.err(`${showName(id.path)}: ${error.message}`);
  }
  for (const note of ended.notes) terminal.err(note);
  terminal.out(ended.kind === "verify" ? verifiedLine(ended) : repairedLine(ended));
}

function verifiedLine(ended: Ended): string {
  const { doneCount, damagedCount, changedCount, missingCount, unprovenCount } = ended;
  const right =
    doneCount - damagedCount - changedCount - missingCount - unprovenCount - ended.failedCount;
  const counts = [
    [right, "right"],
    [damagedCount, "damaged"],
    [changedCount, "changed by hand"],
    [missingCount, "missing"],
    [unprovenCount, "with nothing to compare with"],
    [ended.failedCount, "failed"],
  ] as const;
  const said = counts.filter(([count], at) => at === 0 || count > 0);
  return `${copies(doneCount)} read: ${said.map(([count, what]) => `${count} ${what}`).join(", ")}`;
}

function repairedLine({ repairedCount, failedCount, fetchedBytes }: Ended): string {
  const failed = failedCount === 0 ? "" : `, ${failedCount} failed`;
  return `${copies(repairedCount)} repaired${failed}; ${formatBytes(fetchedBytes, "decimal")} fetched`;
}
