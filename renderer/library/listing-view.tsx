import { useMemo } from "react";
import { Button, Loader } from "@mantine/core";
import type { Destination } from "#shared/settings.ts";
import { explainError } from "#shared/error-words.ts";
import { EmptyState } from "../common/empty-state.tsx";
import { TroubleNote } from "../common/trouble-note.tsx";
import { useClient } from "../host/host.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { Loading } from "./bucket-table.tsx";
import { loadMore, openListing, useListingStore } from "./listing-store.ts";
import { filterRows } from "./library-rows.ts";
import { ObjectTable } from "./object-table.tsx";
import { UploadHere } from "./upload-here.tsx";
import classes from "./library-screen.module.css";

type ListingViewProps = {
  readonly place: Destination;
  readonly filter: string;
  readonly onGet: () => void;
};

/** What is under a prefix, or why it is not shown. */
export function ListingView({ place, filter, onGet }: ListingViewProps) {
  const client = useClient();
  const editProfile = useScreenStore((state) => state.editProfile);
  const listing = useListingStore();
  const rows = useMemo(() => filterRows(listing.rows, filter), [listing.rows, filter]);

  if (listing.place !== place || listing.phase === "loading") return <Loading />;
  if (listing.phase === "failed" && listing.error) {
    return (
      <TroubleNote error={listing.error}>
        <Button onClick={() => void openListing(client, place)}>Try again</Button>
        <Button onClick={() => editProfile(place.profileId)}>Change the profile</Button>
      </TroubleNote>
    );
  }
  if (listing.rows.length === 0 && listing.cursor === null) {
    return (
      <EmptyState title="Nothing is here yet" text="Drop files or folders to put them here.">
        <UploadHere />
      </EmptyState>
    );
  }
  return (
    <>
      <ObjectTable
        key={`${place.bucket}/${place.prefix}`}
        place={place}
        rows={rows}
        hasMore={listing.cursor !== null}
        loadsAtEnd={filter === "" && listing.error === null}
        onGet={onGet}
      />
      <ListingEnd shownCount={rows.length} isFiltered={filter !== ""} />
    </>
  );
}

type ListingEndProps = { readonly shownCount: number; readonly isFiltered: boolean };

/** How much of the place is on screen. */
function ListingEnd({ shownCount, isFiltered }: ListingEndProps) {
  const client = useClient();
  const { rows, cursor, isLoadingMore, error } = useListingStore();
  const shown = shownCount.toLocaleString("en");
  const listed = rows.length.toLocaleString("en");
  const what = isFiltered ? `${shown} of ${listed} listed match` : `${listed} shown`;
  return (
    <div className={classes.end}>
      <span>{cursor === null ? what : `${what}, there are more`}</span>
      {error && <span role="status">{explainError(error).what}</span>}
      {isLoadingMore && <Loader size={12} color="gray" role="img" aria-label="Listing more" />}
      {cursor !== null && !isLoadingMore && (
        <Button size="xs" variant="subtle" onClick={() => void loadMore(client)}>
          {error ? "Try again" : "List more"}
        </Button>
      )}
    </div>
  );
}
