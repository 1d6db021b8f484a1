import { Anchor, Button, Loader, Select } from "@mantine/core";
import type { TargetFolder } from "./target-folder.ts";
import { EnterKey } from "../common/enter-key.tsx";
import { homePath } from "../common/home-path.ts";
import { useFormats } from "../common/use-formats.ts";
import { pickPlaces } from "../folder/folder-store.ts";
import { useClient } from "../host/host.ts";
import { useStatusStore } from "../state/status-store.ts";
import { amountWords, blockedWords, spaceWords, tickedWords } from "./sync-words.ts";
import { useTargetStore } from "./target-folder.ts";
import { clearTicks, useTickStore } from "./tick-store.ts";
import { sumTicks } from "./ticks.ts";
import { useSpace } from "./use-space.ts";
import classes from "./sync-bar.module.css";

type SyncBarProps = {
  readonly bucket: string;
  readonly targets: readonly TargetFolder[];
  readonly isStarting: boolean;
  readonly onGet: () => void;
};

/** What the ticks add up to, before anything moves: how much, from where, and whether it fits. */
export function SyncBar({ bucket, targets, isStarting, onGet }: SyncBarProps) {
  const formats = useFormats();
  const ticks = useTickStore((state) => state.ticks);
  const measures = useTickStore((state) => state.measures);
  const space = useSpace(targets[0]?.ref);
  if (ticks.size === 0) return null;
  const sum = sumTicks(ticks, measures);
  const fit = spaceWords(sum, space, formats);
  const blocked = blockedWords(sum);
  return (
    <section className={classes.bar} aria-label="Ticked">
      <div className={classes.block}>
        <span className={classes.main}>{tickedWords(sum, formats)}</span>
        <Anchor component="button" fz={12} onClick={clearTicks}>
          Clear
        </Anchor>
      </div>
      <div className={classes.source}>
        {sum.measuring > 0 && (
          <>
            <Loader size={12} color="gray" aria-hidden />
            Counting what is under {sum.measuring === 1 ? "1 prefix" : `${sum.measuring} prefixes`}
          </>
        )}
        {sum.measuring === 0 && (
          <>
            <span className={classes.swatch} aria-hidden />
            {blocked ?? `From the bucket ${bucket}`}
          </>
        )}
      </div>
      <div className={classes.block}>
        <TargetSelect targets={targets} />
        <span className={`${classes.note} lh-number`} data-short={fit.isShort || undefined}>
          {fit.text}
        </span>
      </div>
      <Button
        size="md"
        variant="filled"
        rightSection={<EnterKey />}
        disabled={blocked !== null || targets.length === 0}
        loading={isStarting}
        onClick={onGet}
      >
        Get {amountWords(sum, formats)}
      </Button>
    </section>
  );
}

const CHOOSE = "choose";

function TargetSelect({ targets }: { readonly targets: readonly TargetFolder[] }) {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  const choose = async () => {
    const [picked] = await pickPlaces(client, host, "folder", "Where to put it");
    if (picked) useTargetStore.setState({ chosen: { ref: picked.ref, path: picked.path } });
  };
  return (
    <Select
      aria-label="Destination"
      size="xs"
      w={208}
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
      leftSection={<span className={classes.to}>to</span>}
      leftSectionWidth={26}
      allowDeselect={false}
      comboboxProps={{ position: "top-start" }}
    />
  );
}
