import { create } from "zustand";
import type { ProfileView } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";

type Profiles = {
  /** In the order the host lists them; null until the host has answered. */
  readonly profiles: readonly ProfileView[] | null;
};

export const useProfileStore = create<Profiles>(() => ({ profiles: null }));

export function findProfile(
  profiles: readonly ProfileView[] | null,
  id: ProfileId,
): ProfileView | undefined {
  return profiles?.find((view) => view.profile.id === id);
}
