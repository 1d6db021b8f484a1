import { Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheckFilled,
  IconPencil,
  IconPlus,
  IconSchool,
} from "@tabler/icons-react";
import type { ProfileView } from "#shared/contract.ts";
import type { DraftKey } from "./draft-store.ts";
import { explainError } from "#shared/error-words.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { AwsImport } from "./aws-import.tsx";
import { useDraftStore } from "./draft-store.ts";
import { identityWords, kindWords } from "./profile-words.ts";
import classes from "./profiles-page.module.css";

type ProfileListProps = {
  readonly profiles: readonly ProfileView[];
  readonly edited: DraftKey | null;
};

export function ProfileList({ profiles, edited }: ProfileListProps) {
  const editProfile = useScreenStore((state) => state.editProfile);
  return (
    <div className={classes.list}>
      {profiles.map((view) => (
        <ProfileEntry
          key={view.profile.id}
          view={view}
          isEdited={view.profile.id === edited}
          onEdit={() => {
            useDraftStore.setState({ savedKey: null });
            editProfile(view.profile.id);
          }}
        />
      ))}
      {edited === "new" && (
        <button type="button" className={`${classes.profile} lh-focus-inside`} aria-current>
          <IconPencil size={16} stroke={1.7} aria-hidden />
          <span className={classes.name}>New profile</span>
          <span>not saved yet</span>
        </button>
      )}
      <div className={classes.add}>
        <Button
          leftSection={<IconPlus size={14} aria-hidden />}
          fullWidth
          onClick={() => editProfile("new")}
        >
          Add a profile
        </Button>
        <AwsImport profiles={profiles} />
      </div>
    </div>
  );
}

type ProfileEntryProps = {
  readonly view: ProfileView;
  readonly isEdited: boolean;
  readonly onEdit: () => void;
};

function ProfileEntry({ view: { profile, problem }, isEdited, onEdit }: ProfileEntryProps) {
  const isChanged = useDraftStore((state) => state.drafts.has(profile.id));
  const plain = profile.preset === "practice" ? IconSchool : IconCircleCheckFilled;
  const Symbol = problem ? IconAlertTriangle : plain;
  return (
    <button
      type="button"
      className={`${classes.profile} lh-focus-inside`}
      aria-current={isEdited || undefined}
      onClick={onEdit}
    >
      <Symbol size={16} stroke={1.7} data-state={problem ? "warn" : undefined} aria-hidden />
      <span className={classes.name}>{profile.name}</span>
      <span className="lh-cut">{kindWords(profile)}</span>
      <span className="lh-cut">
        {isChanged
          ? "changed, not saved"
          : problem
            ? explainError(problem).what
            : identityWords(profile)}
      </span>
    </button>
  );
}
