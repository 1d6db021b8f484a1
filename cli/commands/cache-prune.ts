import type { Client } from "#shared/client.ts";
import { formatBytes } from "#shared/format.ts";
import type { CommandContext } from "../context.ts";
import { plainSession, withSession } from "../session.ts";
import { copies, lineOf } from "./cache.ts";

const PAGE = 500;

type PruneFlags = {
  readonly json: boolean;
  readonly dryRun: boolean;
  /** Bytes; null is what quotas and floors ask for. */
  readonly free: number | null;
  /** Absolute; null is all. */
  readonly folder: string | null;
};

/** `longhaul cache prune`: what a dry run names is exactly what goes. */
export async function pruneCache(flags: PruneFlags, context: CommandContext): Promise<number> {
  const { terminal } = context;
  return await withSession(context.openEngine, plainSession("cache"), async ({ client }) => {
    const goal = { freeBytes: flags.free, folder: flags.folder };
    const plan = await listGoing(client, goal, flags, context);
    if (flags.dryRun) {
      say(plan.total, plan.freedBytes, { ...flags, verb: "would go" }, context);
    } else {
      const { freedBytes: expectedBytes } = plan;
      const freed = await client.call("cache.free", { ...goal, expectedBytes, plan: plan.plan });
      say(freed.count, freed.freedBytes, { ...flags, verb: "gone" }, context);
      if (freed.keptCount > 0) {
        terminal.err(`${freed.keptCount} were left alone: somebody wrote to them or uses them.`);
      }
    }
    if (!plan.isEnough) terminal.err("Pins, transfers and your own files keep the rest.");
    return 0;
  });
}

/** Says every copy that goes. @returns the last page with the sums of all, which are of one list. */
async function listGoing(
  client: Client,
  goal: { readonly freeBytes: number | null; readonly folder: string | null },
  flags: PruneFlags,
  context: CommandContext,
) {
  for (let offset = 0; ; offset += PAGE) {
    const page = await client.call("cache.preview", { ...goal, offset, limit: PAGE });
    for (const entry of page.entries) context.terminal.out(lineOf(entry, flags, context));
    await context.terminal.outTaken();
    if (page.entries.length === 0 || offset + page.entries.length >= page.total) return page;
  }
}

function say(
  count: number,
  freedBytes: number,
  { json, verb, dryRun }: PruneFlags & { readonly verb: string },
  { terminal }: CommandContext,
): void {
  if (json) terminal.out(JSON.stringify({ type: "pruned", count, freedBytes, dryRun }));
  else terminal.err(`${copies(count)} ${verb}: ${formatBytes(freedBytes, "decimal")}`);
}
