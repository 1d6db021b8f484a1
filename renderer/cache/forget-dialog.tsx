import { Button, Modal } from "@mantine/core";
import type { CacheEntry } from "#shared/cache.ts";
import { homePath } from "../common/home-path.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { lookAt, tickEntries, useCacheStore } from "./cache-store.ts";
import { idOf, nameOf } from "./entry-words.ts";
import { entriesText } from "./work-words.ts";
import classes from "./dialog.module.css";

/** Says that it is the record that goes, and that no file is touched. */
export function ForgetDialog() {
  const forgetting = useCacheStore((state) => state.forgetting);
  const close = () => lookAt({ forgetting: [] });
  const [first] = forgetting;
  const what =
    forgetting.length === 1 && first ? nameOf(first.key) : entriesText(forgetting.length);
  return (
    <Modal
      opened={first !== undefined}
      onClose={close}
      title={`Forget ${what}?`}
      size={460}
      yOffset={140}
    >
      {first && <Question entries={forgetting} onClose={close} />}
    </Modal>
  );
}

type QuestionProps = { readonly entries: readonly CacheEntry[]; readonly onClose: () => void };

function Question({ entries, onClose }: QuestionProps) {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  const [first] = entries;
  const only = entries.length === 1 && first ? homePath(first.path, host) : null;
  const forget = () => {
    onClose();
    client.call("cache.forget", { ids: entries.map(idOf) }).then(() => {
      tickEntries(entries, false);
      useNoticeStore
        .getState()
        .notify(`Forgotten: ${entriesText(entries.length)}. No file was touched.`);
    }, notifyTrouble);
  };
  return (
    <>
      <p className={classes.text}>
        {only === null
          ? "Only the records go: their files stay as they are."
          : `Only the record goes: ${only} stays as it is.`}{" "}
        Longhaul then no longer knows that it is a copy, and fetches the object again where it is
        wanted.
      </p>
      <div className={classes.foot}>
        <Button size="md" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button size="md" variant="filled" onClick={forget}>
          Forget
        </Button>
      </div>
    </>
  );
}
