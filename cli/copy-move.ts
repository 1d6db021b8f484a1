import type { Profile } from "#shared/profile.ts";
import type { SyncWish } from "#shared/sync.ts";
import type { CopyStep } from "./copy-plan.ts";
import type { CopyFlags } from "./flags.ts";
import { accessOf, objectOptionsOf } from "./object-flags.ts";
import type { Move } from "./transfer-run.ts";

/** What a command moves with; a sync asks about nothing that it replaces. */
export type CopyWish = {
  readonly profile: Profile;
  readonly flags: CopyFlags;
  readonly sync?: SyncWish;
};

/** The transfer of one step of a plan. */
export function toMove(step: CopyStep, { profile, flags, sync }: CopyWish): Move {
  const { include, exclude, versionId, preserveMode } = flags;
  const access = accessOf(flags);
  const object = objectOptionsOf(flags);
  const shared = { include, exclude, access, readBack: flags.verify, sync };
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
    folder: sync?.isDryRun === true ? null : step.folder,
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
