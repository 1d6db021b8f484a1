import { useState } from "react";
import { Anchor, Button, Checkbox } from "@mantine/core";
import { IconArrowDown, IconCloudPlus, IconDatabase, IconSchool } from "@tabler/icons-react";
import { homePath } from "../common/home-path.ts";
import { useFormats } from "../common/use-formats.ts";
import { useAct } from "../host/use-act.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { profileFromAws } from "./aws-profile.ts";
import { sampleName, useAwsNames, useSamples } from "./use-samples.ts";
import classes from "./first-run.module.css";

/** Both directions within a minute: get the samples, then drop something on the window. */
export function PracticeCard() {
  const act = useAct();
  const formats = useFormats();
  const showPlace = useScreenStore((state) => state.showPlace);
  const folder = useSettingsStore((state) => state.settings.downloadFolder);
  const samples = useSamples();
  if (samples === null) return null;
  const { place, items } = samples;
  const totalBytes = items.reduce((sum, item) => sum + item.sizeBytes, 0);
  return (
    <section className={classes.card}>
      <h2>
        <IconSchool size={16} stroke={1.7} aria-hidden />
        Try the Practice bucket
      </h2>
      <p>A small bucket on this computer. Nothing leaves it, and no account is needed.</p>
      <ul className={classes.samples}>
        {items.map((sample) => (
          <li key={sample.key}>
            <span className={classes.name}>{sampleName(sample.key)}</span>
            <span className="lh-number">{formats.bytes(sample.sizeBytes)}</span>
          </li>
        ))}
      </ul>
      <div className={classes.last}>
        <Button
          leftSection={<IconArrowDown size={14} aria-hidden />}
          disabled={items.length === 0 || folder === ""}
          onClick={() =>
            act("transfer.download", {
              profileId: place.profileId,
              bucket: place.bucket,
              keys: items.map(({ key }) => key),
              folder: { path: folder },
            })
          }
        >
          Get all, {formats.bytes(totalBytes)}
        </Button>
        <Anchor component="button" fz={12} onClick={() => showPlace(place)}>
          Look inside
        </Anchor>
      </div>
    </section>
  );
}

export function StorageCard() {
  const act = useAct();
  const editProfile = useScreenStore((state) => state.editProfile);
  const names = useAwsNames();
  const [left, setLeft] = useState<readonly string[]>([]);
  const chosen = names.filter((name) => !left.includes(name));
  return (
    <section className={classes.card}>
      <h2>
        <IconCloudPlus size={16} stroke={1.7} aria-hidden />
        Connect your storage
      </h2>
      <p>
        {names.length > 0
          ? "Found in ~/.aws. Keys stay where they are, and are read when they are needed."
          : "AWS, MinIO, Ceph, R2, B2 and what else speaks S3. A test says, step by step, whether it works."}
      </p>
      <div className={classes.ticks}>
        {names.slice(0, NAMES_SHOWN).map((name) => (
          <Checkbox
            key={name}
            label={name}
            checked={!left.includes(name)}
            onChange={(event) => {
              const isTicked = event.currentTarget.checked;
              setLeft(isTicked ? left.filter((one) => one !== name) : [...left, name]);
            }}
          />
        ))}
      </div>
      <div className={classes.last}>
        {names.length > 0 && (
          <Button
            disabled={chosen.length === 0}
            onClick={() => {
              for (const name of chosen.slice(0, NAMES_SHOWN)) {
                act("profile.save", { profile: profileFromAws(name), secret: null });
              }
            }}
          >
            {chosen.length === 1
              ? "Add this one"
              : `Add these ${Math.min(chosen.length, NAMES_SHOWN)}`}
          </Button>
        )}
        {names.length === 0 ? (
          <Button onClick={() => editProfile("new")}>Add storage…</Button>
        ) : (
          <Anchor component="button" fz={12} onClick={() => editProfile("new")}>
            Add MinIO, R2, B2, Ceph…
          </Anchor>
        )}
      </div>
    </section>
  );
}

/** The card has room for these; the rest is in the editor. */
const NAMES_SHOWN = 3;

export function FolderCard() {
  const formats = useFormats();
  const host = useStatusStore((state) => state.host);
  const freeBytes = useStatusStore((state) => state.freeBytes);
  const folder = useSettingsStore((state) => state.settings.downloadFolder);
  const showSettings = useScreenStore((state) => state.showSettings);
  return (
    <section className={classes.card}>
      <h2>
        <IconDatabase size={16} stroke={1.7} aria-hidden />
        Where downloads go
      </h2>
      <p>Plain files under readable names. The Library can put any download elsewhere.</p>
      <ul className={classes.samples}>
        <li>
          <span className={`${classes.name} lh-cut`}>{homePath(folder, host)}</span>
          {freeBytes !== null && <span className="lh-number">{formats.bytes(freeBytes)} free</span>}
        </li>
      </ul>
      <div className={classes.last}>
        <Button onClick={() => showSettings("storage")}>Another folder…</Button>
      </div>
    </section>
  );
}
