import { useCallback, useEffect, useState } from "react";
import { ActionIcon, SegmentedControl } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import type { Profile } from "#shared/profile.ts";
import type { Destination } from "#shared/settings.ts";
import type { Address } from "./library-place.ts";
import { useClient } from "../host/host.ts";
import { useAct } from "../host/use-act.ts";
import { HeaderGap, ScreenHeader } from "../shell/screen-header.tsx";
import { loadBuckets } from "../state/bucket-store.ts";
import { useFollows } from "../follows/use-follows.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettings } from "../state/settings-store.ts";
import { BucketTable } from "./bucket-table.tsx";
import { askHereAgain } from "./here-store.ts";
import { LibraryDialogs } from "./library-dialogs.tsx";
import { ListingView } from "./listing-view.tsx";
import { openListing, useListingStore } from "./listing-store.ts";
import { ModelsView } from "./models/models-view.tsx";
import { openModels, useModelsStore } from "./models/models-store.ts";
import { PlaceCrumbs } from "./place-crumbs.tsx";
import { PlaceMenu } from "./place-menu.tsx";
import { PlaceSearch } from "./place-search.tsx";
import { SyncBar } from "./sync-bar.tsx";
import { measureAgain, tickIn } from "./tick-store.ts";
import { UploadHere } from "./upload-here.tsx";
import { useGet } from "./use-get.ts";
import { useTargets } from "./use-targets.ts";
import { useUploadsHere } from "./use-uploads-here.ts";
import classes from "./library-screen.module.css";

type PlaceViewProps = { readonly place: Destination; readonly profile: Profile };

/** One place of the Library: a profile's buckets, or what is under a prefix. */
export function PlaceView({ place, profile }: PlaceViewProps) {
  const client = useClient();
  const showPlace = useScreenStore((state) => state.showPlace);
  const [filter, setFilter] = useState({ place, text: "" });
  const targets = useTargets();
  useFollows();
  const { get, isStarting } = useGet(place, targets[0]);
  const text = filter.place === place ? filter.text : "";
  const isBucket = place.bucket !== "";
  const { libraryView } = useSettings();
  const View = libraryView === "models" ? ModelsView : ListingView;
  const openView = libraryView === "models" ? openModels : openListing;

  useEffect(() => {
    if (!isBucket) return;
    tickIn(place);
    void openView(client, place);
  }, [client, place, isBucket, openView]);

  const look = useCallback(() => {
    // Who has looked further keeps what there is: the list would begin again.
    if (place.bucket !== "" && isOfOnePage(libraryView)) void openView(client, place);
  }, [client, place, openView, libraryView]);
  useUploadsHere(place, look);

  const goTo = ({ bucket, prefix, name }: Address) => {
    const next = { profileId: place.profileId, bucket, prefix };
    showPlace(next);
    setFilter({ place: next, text: name });
  };
  const listAgain = () => {
    askHereAgain(client);
    measureAgain(client);
    if (isBucket) void openView(client, place);
    else void loadBuckets(client, profile);
  };
  return (
    <>
      <PlaceHeader
        place={place}
        profile={profile}
        text={text}
        onFilter={(typed) => setFilter({ place, text: typed })}
        onGo={goTo}
        onListAgain={listAgain}
      />
      <div className={classes.work}>
        {isBucket ? (
          <View place={place} filter={text} onGet={get} />
        ) : (
          <BucketTable profile={profile} />
        )}
      </div>
      <LibraryDialogs targets={targets} />
      {isBucket && (
        <SyncBar bucket={place.bucket} targets={targets} isStarting={isStarting} onGet={get} />
      )}
    </>
  );
}

/** As one answer brings them. */
const PAGE_OBJECTS = 1000;

function isOfOnePage(view: "models" | "files"): boolean {
  const count =
    view === "models"
      ? useModelsStore.getState().objectCount
      : useListingStore.getState().rows.length;
  return count <= PAGE_OBJECTS;
}

type PlaceHeaderProps = PlaceViewProps & {
  readonly text: string;
  readonly onFilter: (text: string) => void;
  readonly onGo: (address: Address) => void;
  readonly onListAgain: () => void;
};

function PlaceHeader({ place, profile, text, onFilter, onGo, onListAgain }: PlaceHeaderProps) {
  const isBucket = place.bucket !== "";
  return (
    <ScreenHeader
      title={`Library, ${place.bucket || profile.name}`}
      lead={<PlaceCrumbs place={place} profileName={profile.name} />}
    >
      {isBucket && <ViewSwitch />}
      <HeaderGap />
      <PlaceSearch text={text} onFilter={onFilter} onGo={onGo} onEscape={() => onFilter("")} />
      <ActionIcon aria-label="List again" onClick={onListAgain}>
        <IconRefresh size={16} />
      </ActionIcon>
      {isBucket && <UploadHere />}
      {isBucket && <PlaceMenu place={place} />}
    </ScreenHeader>
  );
}

const VIEWS = ["models", "files"] as const;

function ViewSwitch() {
  const act = useAct();
  const { libraryView } = useSettings();
  return (
    <SegmentedControl
      className={classes.views}
      aria-label="Show"
      value={libraryView}
      onChange={(value) => {
        const view = VIEWS.find((name) => name === value);
        if (view) act("settings.set", { libraryView: view });
      }}
      data={[
        { value: "models", label: "Models" },
        { value: "files", label: "Files" },
      ]}
    />
  );
}
