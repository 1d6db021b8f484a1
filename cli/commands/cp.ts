import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import type { CommandContext } from "../context.ts";
import type { CopyStep } from "../copy-plan.ts";
import { planCopy } from "../copy-plan.ts";
import { previewLine, previewStep } from "../copy-preview.ts";
import { CopyRun, copySession, refuseOwnMeans } from "../copy-run.ts";
import type { CopyFlags } from "../flags.ts";
import { lookAt, readAddress } from "../look-at.ts";
import { checkObjectFlags } from "../object-flags.ts";
import { withSession } from "../session.ts";
import type { Address } from "../uri.ts";

/** `longhaul cp SRC… DST`. Returns the exit code. @throws {LonghaulError} before anything has moved. */
export async function copy(
  paths: readonly string[],
  flags: CopyFlags,
  context: CommandContext,
): Promise<number> {
  const steps = await plan(paths, context.workingFolder);
  checkObjectFlags(flags, steps[0]?.kind ?? "upload");
  const chosen = await context.chooseProfile(flags);
  const options = copySession("cp", chosen, flags);
  return withSession(context.openEngine, options, async (session) => {
    const { client } = session;
    if (session.isAttached()) refuseOwnMeans(flags);
    if (flags.dryRun)
      return preview(client, steps, chosen.profile, { ...context, json: flags.json });
    return new CopyRun(session, { profile: chosen.profile, flags }, context).run(steps);
  });
}

async function plan(paths: readonly string[], folder: string): Promise<readonly CopyStep[]> {
  const addresses = paths.map((text) => readAddress(text, folder));
  const target = addresses.at(-1);
  if (target === undefined) return [];
  const sources = await Promise.all(addresses.slice(0, -1).map(lookAt));
  return planCopy(sources, { address: target, isFolder: await isFolder(target) });
}

async function isFolder(address: Address): Promise<boolean> {
  const source = await lookAt(address);
  return "found" in source && source.found === "folder";
}

async function preview(
  client: Client,
  steps: readonly CopyStep[],
  profile: Profile,
  { terminal, json }: Pick<CommandContext, "terminal"> & { readonly json: boolean },
): Promise<number> {
  for (const step of steps) {
    const found = await previewStep(client, step, profile);
    terminal.out(json ? JSON.stringify({ type: "preview", ...found }) : previewLine(found));
  }
  return 0;
}
