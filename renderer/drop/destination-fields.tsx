import { useEffect } from "react";
import { Autocomplete, Button, Select } from "@mantine/core";
import { IconBucket } from "@tabler/icons-react";
import type { Destination } from "#shared/settings.ts";
import { explainError } from "#shared/error-words.ts";
import { useClient } from "../host/host.ts";
import { loadBuckets, useBucketStore } from "../state/bucket-store.ts";
import { findProfile, useProfileStore } from "../state/profile-store.ts";
import { useSettings } from "../state/settings-store.ts";
import { usePrefixes } from "./use-prefixes.ts";
import classes from "./upload-sheet.module.css";

type FieldProps = {
  readonly destination: Destination;
  readonly onChange: (destination: Destination) => void;
};

/** Profile, bucket, prefix; what the bucket holds is offered while typing. */
export function DestinationFields({ destination, onChange }: FieldProps) {
  const profiles = useProfileStore((state) => state.profiles) ?? [];
  return (
    <>
      <div className={classes.to}>
        <Select
          label="Profile"
          w={160}
          data={profiles.map((view) => ({ value: view.profile.id, label: view.profile.name }))}
          value={destination.profileId}
          onChange={(value) => {
            const chosen = profiles.find((view) => view.profile.id === value)?.profile;
            if (chosen) onChange({ profileId: chosen.id, bucket: chosen.bucket ?? "", prefix: "" });
          }}
          allowDeselect={false}
        />
        <BucketField destination={destination} onChange={onChange} />
        <Autocomplete
          label="Folder"
          placeholder="top level"
          className={classes.grow}
          data={usePrefixes(destination)}
          filter={({ options }) => options}
          openOnFocus={false}
          value={destination.prefix}
          onChange={(prefix) => onChange({ ...destination, prefix })}
          data-autofocus
        />
      </div>
      <Recents destination={destination} onChange={onChange} />
    </>
  );
}

/** Can be typed, for keys that may not list buckets. */
function BucketField({ destination, onChange }: FieldProps) {
  const client = useClient();
  const profile = useProfileStore(
    (state) => findProfile(state.profiles, destination.profileId)?.profile,
  );
  const list = useBucketStore((state) => state.byProfile.get(destination.profileId));
  const buckets = list?.phase === "ready" ? list.buckets : [];
  useEffect(() => {
    if (profile) void loadBuckets(client, profile);
  }, [client, profile]);
  const only = buckets.length === 1 ? buckets[0] : undefined;
  useEffect(() => {
    if (destination.bucket === "" && only !== undefined) {
      onChange({ ...destination, bucket: only });
    }
  }, [destination, only, onChange]);
  return (
    <Autocomplete
      label="Bucket"
      w={180}
      leftSection={<IconBucket size={14} aria-hidden />}
      data={[...buckets]}
      value={destination.bucket}
      error={list?.phase === "failed" ? explainError(list.error).what : null}
      onChange={(bucket) => onChange({ ...destination, bucket, prefix: "" })}
    />
  );
}

const RECENTS_SHOWN = 3;

function Recents({ destination, onChange }: FieldProps) {
  const { recentDestinations } = useSettings();
  const profiles = useProfileStore((state) => state.profiles);
  const others = recentDestinations
    .filter((recent) => findProfile(profiles, recent.profileId))
    .filter(({ bucket, prefix }) => bucket !== destination.bucket || prefix !== destination.prefix)
    .slice(0, RECENTS_SHOWN);
  if (others.length === 0) return null;
  return (
    <div className={classes.recents}>
      <span>Recent</span>
      {others.map((recent) => (
        <Button
          key={`${recent.profileId} ${recent.bucket}/${recent.prefix}`}
          size="xs"
          variant="subtle"
          className="lh-cut"
          onClick={() => onChange(recent)}
        >
          {recent.bucket}/{recent.prefix}
        </Button>
      ))}
    </div>
  );
}
