import { Button, Modal } from "@mantine/core";
import type { Profile } from "#shared/profile.ts";
import { useAct } from "../host/use-act.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { dropDraft } from "./draft-store.ts";
import classes from "./profiles-page.module.css";

type RemoveProfileProps = { readonly profile: Profile; readonly onClose: () => void };

/** Asks, because a kept secret goes with it. */
export function RemoveProfile({ profile, onClose }: RemoveProfileProps) {
  const act = useAct();
  const editProfile = useScreenStore((state) => state.editProfile);
  const hasSecret = profile.credentials.kind === "stored";
  const remove = () => {
    act("profile.remove", { id: profile.id });
    dropDraft(profile.id);
    editProfile(null);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={`Remove ${profile.name}?`} size={440}>
      <p className={classes.question}>
        Buckets and files stay as they are.
        {hasSecret && " Its secret key is deleted from this host."}
      </p>
      <div className={classes.foot}>
        <Button size="md" data-autofocus onClick={onClose}>
          Keep it
        </Button>
        <Button size="md" variant="danger" onClick={remove}>
          Remove
        </Button>
      </div>
    </Modal>
  );
}
