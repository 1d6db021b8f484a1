import { Button } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { MenuButton } from "../common/menu-button.tsx";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";

/** Opens what chooses files; the place on screen is where they go unless changed. */
export function UploadHere() {
  const wantUpload = useScreenStore((state) => state.wantUpload);
  const canPick = useStatusStore((state) => state.host?.canPick ?? false);
  const icon = <IconUpload size={14} aria-hidden />;
  if (!canPick) {
    return (
      <Button leftSection={icon} onClick={() => wantUpload("files")}>
        Upload here
      </Button>
    );
  }
  // The system's dialogs choose files or a folder, not both.
  return (
    <MenuButton
      label="Upload here"
      entries={[
        { kind: "item", label: "Files…", onPick: () => wantUpload("files") },
        { kind: "item", label: "A folder…", onPick: () => wantUpload("folder") },
      ]}
    >
      <Button leftSection={icon}>Upload here</Button>
    </MenuButton>
  );
}
