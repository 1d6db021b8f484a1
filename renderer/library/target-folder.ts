import { create } from "zustand";
import type { LocalRef } from "#shared/transfer-request.ts";

export type TargetFolder = {
  readonly ref: LocalRef;
  /** For people. */
  readonly path: string;
};

/** Where the Library puts what it gets, when another folder than the settings' was chosen. */
export const useTargetStore = create<{ readonly chosen: TargetFolder | null }>(() => ({
  chosen: null,
}));

/** The folders to choose from, the one in use first, each once. */
export function targetChoices(
  chosen: TargetFolder | null,
  downloadFolder: string,
  recentFolders: readonly string[],
): readonly TargetFolder[] {
  const known = [downloadFolder, ...recentFolders].filter((path) => path !== "");
  const targets = known.map((path): TargetFolder => ({ ref: { path }, path }));
  const all = chosen ? [chosen, ...targets] : targets;
  return all.filter((target, at) => all.findIndex((one) => one.path === target.path) === at);
}
