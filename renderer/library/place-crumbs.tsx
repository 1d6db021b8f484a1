import { Breadcrumbs, Button } from "@mantine/core";
import { IconBucket, IconChevronRight } from "@tabler/icons-react";
import type { Destination } from "#shared/settings.ts";
import { MenuButton } from "../common/menu-button.tsx";
import { FollowSign } from "../follows/follow-sign.tsx";
import { useScreenStore } from "../state/screen-store.ts";
import type { Crumb } from "./library-place.ts";
import { crumbsOf } from "./library-place.ts";
import classes from "./library-screen.module.css";

type PlaceCrumbsProps = { readonly place: Destination; readonly profileName: string };

/** Longest way that is shown whole; of a longer one the middle folds into a menu. */
const SHOWN_WHOLE = 5;

/** Profile, bucket, prefixes. The last is where you are. */
export function PlaceCrumbs({ place, profileName }: PlaceCrumbsProps) {
  const crumbs = crumbsOf(place, profileName);
  const folds = crumbs.length > SHOWN_WHOLE;
  const first = folds ? crumbs.slice(0, 2) : crumbs;
  const folded = folds ? crumbs.slice(2, -2) : [];
  const last = folds ? crumbs.slice(-2) : [];
  return (
    <nav aria-label="Place" className={classes.way}>
      <Breadcrumbs
        separator={<IconChevronRight size={13} aria-hidden />}
        separatorMargin={2}
        className={classes.place}
      >
        {first.map((crumb) => (
          <CrumbButton key={keyOf(crumb)} crumb={crumb} isHere={crumb === crumbs.at(-1)} />
        ))}
        {folds && <FoldedCrumbs crumbs={folded} />}
        {last.map((crumb) => (
          <CrumbButton key={keyOf(crumb)} crumb={crumb} isHere={crumb === crumbs.at(-1)} />
        ))}
      </Breadcrumbs>
      {place.bucket !== "" && <FollowSign prefix={place.prefix} />}
    </nav>
  );
}

function keyOf({ kind, place }: Crumb): string {
  return `${kind} ${place.prefix}`;
}

type CrumbButtonProps = { readonly crumb: Crumb; readonly isHere: boolean };

function CrumbButton({ crumb, isHere }: CrumbButtonProps) {
  const showPlace = useScreenStore((state) => state.showPlace);
  return (
    <Button
      variant="subtle"
      px={5}
      leftSection={crumb.kind === "bucket" ? <IconBucket size={15} aria-hidden /> : undefined}
      className={isHere ? classes.here : undefined}
      aria-current={isHere ? "location" : undefined}
      onClick={() => showPlace(crumb.place)}
    >
      <span className={`${classes.crumb} lh-cut`}>{crumb.label}</span>
    </Button>
  );
}

function FoldedCrumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  const showPlace = useScreenStore((state) => state.showPlace);
  const entries = crumbs.map(
    (crumb) =>
      ({ kind: "item", label: crumb.label, onPick: () => showPlace(crumb.place) }) as const,
  );
  return (
    <MenuButton label="Prefixes between" entries={entries}>
      <Button variant="subtle" px={5} aria-label={`${crumbs.length} prefixes between`}>
        …
      </Button>
    </MenuButton>
  );
}
