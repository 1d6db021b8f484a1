import { useState } from "react";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import type { DraftKey } from "./draft-store.ts";
import type { ReadProfile } from "./profile-draft.ts";
import { useClient } from "../host/host.ts";
import { announce } from "../state/live-store.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { dropDraft, putTest, settleDraft } from "./draft-store.ts";

/** What can be done with what is in the editor. */
export function useProfileActions(draftKey: DraftKey) {
  const client = useClient();
  const editProfile = useScreenStore((state) => state.editProfile);
  const notify = useNoticeStore((state) => state.notify);
  const [isSaving, setSaving] = useState(false);

  const complain = (thrown: unknown) => {
    const { what, todo } = explainError(toErrorInfo(thrown));
    notify(`${what} ${todo}`, "warn");
  };
  const save = async ({ profile, secret }: ReadProfile) => {
    setSaving(true);
    try {
      await client.call("profile.save", { profile, secret });
      // Asked for, because the event may come after the answer, and the editor would lose its place.
      useProfileStore.setState({ profiles: await client.call("profile.list", null) });
      settleDraft(draftKey, profile.id);
      // Not by its call, which shows the editor: who has gone elsewhere meanwhile stays there.
      useScreenStore.setState(({ editedProfile }) =>
        editedProfile === draftKey ? { editedProfile: profile.id } : {},
      );
      notify(`${profile.name} is saved.`);
    } catch (thrown) {
      complain(thrown);
    } finally {
      setSaving(false);
    }
  };
  const test = async ({ profile, secret }: ReadProfile, tryWrite: boolean) => {
    putTest(draftKey, { phase: "running", steps: [], atMs: null });
    try {
      const steps = await client.call("profile.test", { profile, secret, tryWrite });
      putTest(draftKey, { phase: "over", steps, atMs: Date.now() });
      announce(testWords(steps.map((step) => step.outcome)));
    } catch (thrown) {
      putTest(draftKey, { phase: "over", steps: [], atMs: null });
      complain(thrown);
    }
  };
  const discard = () => {
    dropDraft(draftKey);
    if (draftKey === "new") editProfile(null);
  };
  return { save, test, discard, isSaving };
}

/** `4 passed, 1 failed`. */
export function testWords(outcomes: readonly ("passed" | "failed" | "skipped")[]): string {
  const passed = outcomes.filter((outcome) => outcome === "passed").length;
  const failed = outcomes.filter((outcome) => outcome === "failed").length;
  return failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`;
}
