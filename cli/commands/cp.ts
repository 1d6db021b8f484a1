import type { PackFormat } from "#shared/archive.ts";
import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import type { TransferView } from "#shared/transfer.ts";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { toFsPath } from "#main/disk/local-path.ts";
import type { CommandContext } from "../context.ts";
import { sessionProfiles } from "../context.ts";
import type { CopySource, CopyStep } from "../copy-plan.ts";
import { planCopy, targetOf } from "../copy-plan.ts";
import { reportResult } from "../copy-result.ts";
import { previewLine, previewStep } from "../copy-preview.ts";
import type { CopyFlags } from "../flags.ts";
import { accessOf, checkObjectFlags, objectOptionsOf } from "../object-flags.ts";
import { withSession } from "../session.ts";
import type { Move } from "../transfer-run.ts";
import { refuseOwnMeans, TransferRun } from "../transfer-run.ts";
import type { Address } from "../uri.ts";
import { parseAddress } from "../uri.ts";

/** `longhaul cp SRC… DST`. Returns the exit code. @throws {LonghaulError} before anything has moved. */
export async function copy(
  paths: readonly string[],
  flags: CopyFlags,
  context: CommandContext,
): Promise<number> {
  const steps = await plan(paths, context.workingFolder, flags.archive);
  checkObjectFlags(flags, steps[0]?.kind ?? "upload");
  const chosen = await context.chooseProfile(flags);
  const options = {
    command: "cp",
    runs: "own",
    profiles: sessionProfiles(chosen),
    isTransient: true,
    connections: flags.connections,
    giveUpAfterMs: flags.giveUpAfter,
    roots: null,
    // What holds for one process only does not move to another.
    canYield: flags.connections === null && flags.giveUpAfter === null,
  } as const;
  return withSession(context.openEngine, options, async (session) => {
    const { client } = session;
    if (session.isAttached()) refuseOwnMeans(flags);
    if (flags.dryRun) return preview(client, steps, chosen.profile, { ...context, flags });
    const moves = steps.map((step) => toMove(step, chosen.profile, flags));
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
  const addresses = paths.map((text) => absolute(parseAddress(text), text, folder));
  const target = addresses.at(-1);
  if (target === undefined) return [];
  const sources = await Promise.all(addresses.slice(0, -1).map(lookAt));
  return planCopy(sources, { address: target, isFolder: await isFolder(target) }, archive);
}

/** `resolve` drops the `/` at the end, which means something in a destination. */
function absolute(address: Address, text: string, folder: string): Address {
  if (address.kind === "s3") return address;
  const path = resolve(folder, address.path);
  const isOpen = /[/\\]\.{0,2}$|^\.{1,2}$/.test(text) && !/[/\\]$/.test(path);
  return { kind: "local", path: isOpen ? `${path}/` : path };
}

async function lookAt(address: Address): Promise<CopySource> {
  if (address.kind === "s3") return { address };
  try {
    const found = await stat(toFsPath(address.path));
    return { address, found: found.isDirectory() ? "folder" : "file" };
  } catch {
    return { address, found: "missing" };
  }
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

function toMove(step: CopyStep, profile: Profile, flags: CopyFlags): Move {
  const { include, exclude, versionId, preserveMode } = flags;
  const access = accessOf(flags);
  const object = objectOptionsOf(flags);
  const shared = { include, exclude, access, readBack: flags.verify };
  if (step.kind === "upload") {
    return {
      folder: null,
      start: async (client, onConflict) =>
        await client.call("transfer.upload", {
          sources: step.paths.map((path) => ({ path })),
          destination: { profileId: profile.id, bucket: step.bucket, prefix: step.prefix },
          rename: step.rename,
          contentsOnly: step.contentsOnly,
          followSymlinks: flags.followSymlinks,
          emptyFolders: flags.emptyFolders,
          partSizeBytes: flags.partSize,
          archive: step.archive,
          object,
          onConflict,
          ...shared,
        }),
    };
  }
  return {
    folder: step.folder,
    start: async (client, onConflict) =>
      await client.call("transfer.download", {
        profileId: profile.id,
        bucket: step.bucket,
        keys: [...step.keys],
        folder: { path: step.folder },
        rename: step.rename,
        contentsOnly: step.contentsOnly,
        versionId,
        preserveMode,
        cache: flags.cache,
        onConflict,
        ...shared,
      }),
  };
}
