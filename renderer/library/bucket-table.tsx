import { useEffect } from "react";
import { Button, Loader } from "@mantine/core";
import { IconBucket } from "@tabler/icons-react";
import type { Profile, ProfileId } from "#shared/profile.ts";
import { EmptyState } from "../common/empty-state.tsx";
import { TroubleNote } from "../common/trouble-note.tsx";
import { VirtualGrid } from "../common/virtual-grid.tsx";
import { useClient } from "../host/host.ts";
import { loadBuckets, useBucketStore } from "../state/bucket-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import classes from "./bucket-table.module.css";
import screen from "./library-screen.module.css";

/** The buckets of a profile. */
export function BucketTable({ profile }: { readonly profile: Profile }) {
  const client = useClient();
  const list = useBucketStore((state) => state.byProfile.get(profile.id));
  const open = useOpenBucket(profile.id);
  const editProfile = useScreenStore((state) => state.editProfile);
  useEffect(() => {
    void loadBuckets(client, profile);
  }, [client, profile]);

  if (!list || list.phase === "loading") return <Loading />;
  if (list.phase === "failed") {
    return (
      <TroubleNote error={list.error}>
        <Button onClick={() => void loadBuckets(client, profile)}>Try again</Button>
        <Button onClick={() => editProfile(profile.id)}>Change the profile</Button>
      </TroubleNote>
    );
  }
  if (list.buckets.length === 0) {
    return <EmptyState text="This profile has no buckets yet." />;
  }
  return (
    <VirtualGrid
      label={`Buckets of ${profile.name}`}
      columns={classes.columns}
      head={<span role="columnheader">Bucket</span>}
      rows={list.buckets}
      labelOf={(bucket) => `Bucket ${bucket}`}
      onRowKey={(event, bucket) => {
        if (event.key !== "Enter" && event.key !== "ArrowRight") return;
        event.preventDefault();
        open(bucket);
      }}
      onOpen={open}
      Cells={BucketCells}
    />
  );
}

function BucketCells({ row: bucket }: { readonly row: string }) {
  const profileId = useScreenStore((state) => state.place?.profileId);
  const open = useOpenBucket(profileId);
  return (
    <span role="gridcell" className={classes.name}>
      <IconBucket size={16} stroke={1.6} aria-hidden />
      <button
        type="button"
        tabIndex={-1}
        className={`${classes.open} lh-cut`}
        onClick={() => open(bucket)}
      >
        {bucket}
      </button>
    </span>
  );
}

function useOpenBucket(profileId: ProfileId | undefined): (bucket: string) => void {
  const showPlace = useScreenStore((state) => state.showPlace);
  return (bucket) => {
    if (profileId !== undefined) showPlace({ profileId, bucket, prefix: "" });
  };
}

export function Loading() {
  return (
    <div className={screen.loading} role="status">
      <Loader size={16} color="gray" aria-hidden /> Listing…
    </div>
  );
}
