import { Fragment } from "react";
import { Kbd, Modal } from "@mantine/core";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { SHORTCUT_GROUPS, keysHere } from "./shortcut-list.ts";
import classes from "./shortcut-sheet.module.css";

export function ShortcutSheet() {
  const isOpen = useScreenStore((state) => state.shortcutsOpen);
  const setOpen = useScreenStore((state) => state.openShortcuts);
  const platform = useStatusStore((state) => state.host?.platform ?? "");
  return (
    <Modal opened={isOpen} onClose={() => setOpen(false)} title="Keys" size={680}>
      <div className={classes.groups}>
        {SHORTCUT_GROUPS.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.lines.map((line) => (
                <Fragment key={line.keys}>
                  <dt>
                    <Kbd size="xs">{keysHere(line.keys, platform)}</Kbd>
                  </dt>
                  <dd>{line.does}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
