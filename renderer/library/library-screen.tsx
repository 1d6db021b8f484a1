import { useEffect } from "react";
import type { ProfileView } from "#shared/contract.ts";
import type { Destination } from "#shared/settings.ts";
import { findProfile, useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { ScreenHeader } from "../shell/screen-header.tsx";
import { Loading } from "./bucket-table.tsx";
import { PlaceView } from "./place-view.tsx";

/** What buckets hold, and the way to get it. */
export function LibraryScreen() {
  const profiles = useProfileStore((state) => state.profiles);
  const place = useScreenStore((state) => state.place);
  const showPlace = useScreenStore((state) => state.showPlace);
  const view = place ? findProfile(profiles, place.profileId) : undefined;

  const first = profiles?.[0];
  useEffect(() => {
    // Nothing was chosen yet, or its profile was removed.
    if (first && !view) showPlace(placeOf(first));
  }, [first, view, showPlace]);

  if (!place || !view) {
    return (
      <>
        <ScreenHeader title="Library" />
        {profiles === null ? <Loading /> : null}
      </>
    );
  }
  return <PlaceView place={place} profile={view.profile} />;
}

function placeOf({ profile }: ProfileView): Destination {
  return { profileId: profile.id, bucket: profile.bucket ?? "", prefix: "" };
}
