import { Button, EmptyState } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useScreenStore } from "../state/screen-store.ts";
import { FolderCard, PracticeCard, StorageCard } from "./first-run-cards.tsx";
import classes from "./first-run.module.css";

/** Transfers with nothing in it. There is no wizard: three cards, each of use on its own. */
export function FirstRun() {
  const wantUpload = useScreenStore((state) => state.wantUpload);
  return (
    <div className={classes.page}>
      <div className={classes.drop}>
        <EmptyState
          size="sm"
          classNames={{ title: classes.title ?? "" }}
          icon={<IconUpload size={28} stroke={1.4} aria-hidden />}
          title="Drop files or folders anywhere in this window to upload them"
          description="Close the lid, lose the network, quit: transfers go on where they were."
        >
          <EmptyState.Actions>
            <Button size="md" variant="filled" mt={8} onClick={() => wantUpload("files")}>
              Choose files…
            </Button>
            <Button size="md" mt={8} onClick={() => wantUpload("folder")}>
              Choose a folder…
            </Button>
          </EmptyState.Actions>
        </EmptyState>
      </div>
      <div className={classes.cards}>
        <PracticeCard />
        <StorageCard />
        <FolderCard />
      </div>
    </div>
  );
}
