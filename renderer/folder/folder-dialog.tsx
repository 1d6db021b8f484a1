import { Modal } from "@mantine/core";
import type { Picked } from "#shared/contract.ts";
import { useSettings } from "../state/settings-store.ts";
import type { FolderAsk } from "./folder-store.ts";
import { FolderView } from "./folder-view.tsx";
import { useFolderStore } from "./folder-store.ts";
import { useFolderPage } from "./use-folder-page.ts";

/** Folders of the machine that runs the engine, where it has no dialog of its own. */
export function FolderDialog() {
  const ask = useFolderStore((state) => state.ask);
  if (!ask) return null;
  return <FolderModal ask={ask} />;
}

function FolderModal({ ask }: { readonly ask: FolderAsk }) {
  const { downloadFolder } = useSettings();
  const start = ask.kind === "folder" && downloadFolder !== "" ? downloadFolder : null;
  const { page, error, go } = useFolderPage(start);
  const answer = (picked: readonly Picked[]) => ask.answer(picked);
  return (
    <Modal opened onClose={() => answer([])} title={ask.title} size={640} yOffset={64}>
      <FolderView kind={ask.kind} page={page} error={error} go={go} onAnswer={answer} />
    </Modal>
  );
}
