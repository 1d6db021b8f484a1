import { useEffect } from "react";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { ProfileEditor } from "./profile-editor.tsx";
import { ProfileList } from "./profile-list.tsx";
import classes from "./profiles-page.module.css";

/** Profiles on the left, the chosen one on the right. */
export function ProfilesPage() {
  const profiles = useProfileStore((state) => state.profiles);
  const edited = useScreenStore((state) => state.editedProfile);
  const view = profiles?.find(({ profile }) => profile.id === edited);

  const first = profiles?.[0]?.profile.id;
  useEffect(() => {
    if (edited === "new" || view || first === undefined) return;
    useScreenStore.setState({ editedProfile: first });
  }, [edited, view, first]);

  return (
    <div className={classes.page}>
      <ProfileList profiles={profiles ?? []} edited={edited} />
      {edited === "new" && <ProfileEditor key="new" draftKey="new" kept={undefined} />}
      {view && edited !== "new" && (
        <ProfileEditor key={view.profile.id} draftKey={view.profile.id} kept={view.profile} />
      )}
    </div>
  );
}
