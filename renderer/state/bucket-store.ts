import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Profile, ProfileId } from "#shared/profile.ts";
import { toErrorInfo } from "#shared/errors.ts";

export type BucketList =
  | { readonly phase: "loading" }
  | { readonly phase: "ready"; readonly buckets: readonly string[] }
  | { readonly phase: "failed"; readonly error: ErrorInfo };

/** The buckets of profiles that were looked into. */
export const useBucketStore = create<{ readonly byProfile: ReadonlyMap<ProfileId, BucketList> }>(
  () => ({ byProfile: new Map() }),
);

/** Asks again even if it is known; what was shown stays until the answer. */
export async function loadBuckets(client: Client, profile: Profile): Promise<void> {
  const known = useBucketStore.getState().byProfile.get(profile.id);
  if (profile.bucket !== null) {
    put(profile.id, { phase: "ready", buckets: [profile.bucket] });
    return;
  }
  if (known?.phase !== "ready") put(profile.id, { phase: "loading" });
  try {
    const buckets = await client.call("library.buckets", { profileId: profile.id });
    put(profile.id, { phase: "ready", buckets });
  } catch (error) {
    put(profile.id, { phase: "failed", error: toErrorInfo(error) });
  }
}

function put(id: ProfileId, list: BucketList): void {
  useBucketStore.setState(({ byProfile }) => ({ byProfile: new Map(byProfile).set(id, list) }));
}
