import type { PackFormat } from "#shared/archive.ts";
import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import type { TransferView } from "#shared/transfer.ts";
import type { CommandContext } from "../context.ts";
import type { CopyStep } from "../copy-plan.ts";
import { planCopy, targetOf } from "../copy-plan.ts";
import { reportResult } from "../copy-result.ts";
import { previewLine, previewStep } from "../copy-preview.ts";
import { toMove } from "../copy-move.ts";
import type { CopyFlags } from "../flags.ts";
import { lookAt, readAddress } from "../look-at.ts";
import { checkObjectFlags } from "../object-flags.ts";
import { withSession } from "../session.ts";
import { moveSession, refuseOwnMeans, TransferRun } from "../transfer-run.ts";
import type { Address } from "../uri.ts";

/** `longhaul cp SRC… DST`. Returns the exit code. @throws {LonghaulError} before anything has moved. */
export async function copy(
  paths: readonly string[],
  flags: CopyFlags,
  context: CommandContext,
): Promise<number> {
  const steps = await plan(paths, context.workingFolder, flags.archive);
  checkObjectFlags(flags, steps[0]?.kind ?? "upload");
  const chosen = await context.chooseProfile(flags);
  const options = moveSession("cp", [chosen], flags);
  return withSession(context.openEngine, options, async (session) => {
    const { client } = session;
    if (session.isAttached()) refuseOwnMeans(flags);
    if (flags.dryRun) return preview(client, steps, chosen.profile, { ...context, flags });
    const moves = steps.map((step) => toMove(step, { profile: chosen.profile, flags }));
    const style = { terminal: context.terminal, flags };
    return new TransferRun(session, flags, context).run(
      moves,
      async (views) => await report(client, views, steps, style),
    );
  });
}

async function plan(
  paths: readonly string[],
  folder: string,
  archive: PackFormat | null,
): Promise<readonly CopyStep[]> {
  const addresses = paths.map((text) => readAddress(text, folder));
  const target = addresses.at(-1);
  if (target === undefined) return [];
  const sources = await Promise.all(addresses.slice(0, -1).map(lookAt));
  return planCopy(sources, { address: target, isFolder: await isFolder(target) }, archive);
}

async function isFolder(address: Address): Promise<boolean> {
  const source = await lookAt(address);
  return "found" in source && source.found === "folder";
}

async function preview(
  client: Client,
  steps: readonly CopyStep[],
  profile: Profile,
  { terminal, flags }: Pick<CommandContext, "terminal"> & { readonly flags: CopyFlags },
): Promise<number> {
  for (const step of steps) {
    const found = await previewStep(client, step, profile, flags);
    terminal.out(flags.json ? JSON.stringify({ type: "preview", ...found }) : previewLine(found));
  }
  return 0;
}

/** Says how each step ended; the first code that is not 0, as later ones are usually of the same cause. */
async function report(
  client: Client,
  views: readonly TransferView[],
  steps: readonly CopyStep[],
  style: { readonly terminal: CommandContext["terminal"]; readonly flags: CopyFlags },
): Promise<number> {
  let exitCode = 0;
  for (const [index, step] of steps.entries()) {
    const view = views[index];
    if (view === undefined) continue;
    const result = { view, target: targetOf(step), isFolder: step.contentsOnly };
    const code = await reportResult(client, result, style.terminal, style.flags);
    exitCode ||= code;
  }
  return exitCode;
}
