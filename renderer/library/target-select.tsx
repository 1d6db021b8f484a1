import { Select } from "@mantine/core";
import { homePath } from "../common/home-path.ts";
import { pickPlaces } from "../folder/folder-store.ts";
import { useClient } from "../host/host.ts";
import { useStatusStore } from "../state/status-store.ts";
import type { TargetFolder } from "./target-folder.ts";
import { useTargetStore } from "./target-folder.ts";
import classes from "./sync-bar.module.css";

const CHOOSE = "choose";

const IN_BAR = {
  "aria-label": "Destination",
  size: "xs",
  className: classes.target,
  classNames: { input: classes.path ?? "" },
  leftSection: <span className={classes.to}>to</span>,
  leftSectionWidth: 26,
  comboboxProps: { position: "top-start" },
} as const;

type TargetSelectProps = {
  readonly targets: readonly TargetFolder[];
  /** Above it, in a dialog; in a bar it says of itself what it is. */
  readonly label?: string;
};

/** Where what is got goes to: the settings' folder, one used before, or another. */
export function TargetSelect({ targets, label }: TargetSelectProps) {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  const choose = async () => {
    const [picked] = await pickPlaces(client, host, "folder", "Where to put it");
    if (picked) useTargetStore.setState({ chosen: { ref: picked.ref, path: picked.path } });
  };
  return (
    <Select
      {...(label === undefined ? IN_BAR : { label, w: 240 })}
      title={targets[0]?.path}
      data={[
        ...targets.map(({ path }) => ({ value: path, label: homePath(path, host) })),
        { value: CHOOSE, label: "Choose a folder…" },
      ]}
      value={targets[0]?.path ?? null}
      onChange={(value) => {
        const chosen = targets.find((target) => target.path === value);
        if (chosen) useTargetStore.setState({ chosen });
        else void choose();
      }}
      allowDeselect={false}
    />
  );
}
