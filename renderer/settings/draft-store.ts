import { create } from "zustand";
import type { ProfileTestStep } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { ProfileDraft } from "./profile-draft.ts";

export type DraftKey = ProfileId | "new";

/** The last test of what is in the editor. */
export type TestRun = {
  readonly phase: "running" | "over";
  readonly steps: readonly ProfileTestStep[];
  /** Wall clock, milliseconds; when it ended. */
  readonly atMs: number | null;
};

type Drafts = {
  /** What was changed and not saved yet. Kept while the person looks elsewhere. */
  readonly drafts: ReadonlyMap<DraftKey, ProfileDraft>;
  readonly tests: ReadonlyMap<DraftKey, TestRun>;
  /** Saved a moment ago: its editor, which may be a new one, keeps the focus on "Save". */
  readonly savedKey: DraftKey | null;
};

export const useDraftStore = create<Drafts>(() => ({
  drafts: new Map(),
  tests: new Map(),
  savedKey: null,
}));

export function putDraft(key: DraftKey, draft: ProfileDraft): void {
  useDraftStore.setState(({ drafts }) => ({ drafts: new Map(drafts).set(key, draft) }));
}

export function dropDraft(key: DraftKey): void {
  useDraftStore.setState(({ drafts }) => {
    const rest = new Map(drafts);
    rest.delete(key);
    return { drafts: rest };
  });
}

export function putTest(key: DraftKey, run: TestRun): void {
  useDraftStore.setState(({ tests }) => ({ tests: new Map(tests).set(key, run) }));
}

/** What was typed is saved, under its own id from now on; its test goes along. */
export function settleDraft(from: DraftKey, to: DraftKey): void {
  useDraftStore.setState(({ drafts, tests }) => {
    const rest = new Map(drafts);
    rest.delete(from);
    const moved = new Map(tests);
    const run = tests.get(from);
    moved.delete(from);
    if (run) moved.set(to, run);
    return { drafts: rest, tests: moved, savedKey: to };
  });
}
