import type { ProfileView } from "#shared/contract.ts";
import type { Destination } from "#shared/settings.ts";

/** A tile that files can be dropped on. */
export type DropPlace = {
  readonly destination: Destination;
  /** The bucket. */
  readonly name: string;
  /** The prefix, in words. */
  readonly path: string;
  /** The profile, or why it cannot be used now. */
  readonly note: string;
  readonly kind: "bucket" | "practice" | "closed";
};

/** Two rows of three. */
const MOST_PLACES = 6;

/** Where a drop may go: what is open in the Library first, then where uploads went last. */
export function dropPlaces(
  open: Destination | null,
  recents: readonly Destination[],
  profiles: readonly ProfileView[],
): readonly DropPlace[] {
  const opened = open && open.bucket !== "" ? [open] : [];
  const fixed = profiles.flatMap(({ profile }): Destination[] =>
    profile.bucket === null ? [] : [{ profileId: profile.id, bucket: profile.bucket, prefix: "" }],
  );
  const wanted = distinct([...opened, ...recents, ...fixed]);
  return wanted
    .flatMap((destination) => {
      const view = profiles.find(({ profile }) => profile.id === destination.profileId);
      return view ? [placeOf(destination, view, destination === open)] : [];
    })
    .slice(0, MOST_PLACES);
}

function placeOf(
  destination: Destination,
  { profile, problem }: ProfileView,
  isOpen: boolean,
): DropPlace {
  const path = destination.prefix === "" ? "top level" : destination.prefix;
  const plain = profile.preset === "practice" ? "practice" : "bucket";
  return {
    destination,
    name: destination.bucket,
    path: isOpen ? `${path}, open in the Library` : path,
    note: problem ? `${profile.name} cannot be used now` : profile.name,
    kind: problem ? "closed" : plain,
  };
}

function distinct(destinations: readonly Destination[]): readonly Destination[] {
  const seen = new Set<string>();
  return destinations.filter(({ profileId, bucket, prefix }) => {
    const key = JSON.stringify([profileId, bucket, prefix]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** What the sheet opens with: the place on screen, else the last one, else the first profile's. */
export function firstDestination(
  open: Destination | null,
  recents: readonly Destination[],
  profiles: readonly ProfileView[],
): Destination | null {
  const known = [...(open ? [open] : []), ...recents].find((destination) =>
    profiles.some(({ profile }) => profile.id === destination.profileId),
  );
  if (known) return known;
  const first = profiles[0]?.profile;
  return first ? { profileId: first.id, bucket: first.bucket ?? "", prefix: "" } : null;
}
