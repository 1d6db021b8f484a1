import { useState } from "react";
import { ActionIcon, Button } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { Profile } from "#shared/profile.ts";
import type { DraftKey } from "./draft-store.ts";
import type { ProfileDraft, Problems, ReadProfile } from "./profile-draft.ts";
import { MenuButton } from "../common/menu-button.tsx";
import { putDraft, useDraftStore } from "./draft-store.ts";
import { draftOf, makeProfileId, newDraft, readDraft } from "./profile-draft.ts";
import { ProfileFields } from "./profile-fields.tsx";
import { ProfileTest } from "./profile-test.tsx";
import { RemoveProfile } from "./remove-profile.tsx";
import { useProfileActions } from "./use-profile-actions.ts";
import classes from "./profiles-page.module.css";

type ProfileEditorProps = { readonly draftKey: DraftKey; readonly kept: Profile | undefined };

/** One profile. What is typed stays until it is saved or given up, also while looking elsewhere. */
export function ProfileEditor({ draftKey, kept }: ProfileEditorProps) {
  const changed = useDraftStore((state) => state.drafts.get(draftKey));
  const wasSaved = useDraftStore((state) => state.savedKey === draftKey);
  const draft = changed ?? (kept ? draftOf(kept) : newDraft("aws"));
  const [problems, setProblems] = useState<Problems>({});
  const [id] = useState(() => kept?.id ?? makeProfileId());
  const { save, test, discard, isSaving } = useProfileActions(draftKey);

  const change = (part: Partial<ProfileDraft>) => {
    putDraft(draftKey, { ...draft, ...part });
    // What was complained about is judged again when it is tested or saved.
    setProblems((found) => without(found, Object.keys(part)));
  };
  const withRead = (act: (read: ReadProfile) => Promise<void>) => {
    const read = readDraft(draft, id, kept);
    setProblems(read.ok ? {} : read.problems);
    if (read.ok) void act(read);
  };
  return (
    <form
      className={classes.editor}
      aria-label={draft.name === "" ? "New profile" : draft.name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        withRead(save);
      }}
    >
      <div className={classes.head}>
        <h2>{draft.name === "" ? "New profile" : draft.name}</h2>
        {changed && (
          <Button variant="subtle" onClick={discard}>
            {kept ? "Undo changes" : "Discard"}
          </Button>
        )}
        <Button type="submit" variant="filled" loading={isSaving} autoFocus={wasSaved}>
          Save
        </Button>
        {kept && <MoreButton profile={kept} />}
      </div>
      <ProfileFields draft={draft} kept={kept} problems={problems} onChange={change} />
      <ProfileTest
        draftKey={draftKey}
        draft={draft}
        onChange={change}
        onTest={(tryWrite) => withRead((read) => test(read, tryWrite))}
      />
    </form>
  );
}

function MoreButton({ profile }: { readonly profile: Profile }) {
  const [isRemoving, setRemoving] = useState(false);
  const label = `More for ${profile.name}`;
  const onPick = () => setRemoving(true);
  return (
    <>
      <MenuButton
        label={label}
        entries={[{ kind: "item", label: "Remove this profile…", isDanger: true, onPick }]}
      >
        <ActionIcon aria-label={label}>
          <IconDots size={16} />
        </ActionIcon>
      </MenuButton>
      {isRemoving && <RemoveProfile profile={profile} onClose={() => setRemoving(false)} />}
    </>
  );
}

function without(problems: Problems, fields: readonly string[]): Problems {
  return Object.fromEntries(Object.entries(problems).filter(([field]) => !fields.includes(field)));
}
