import { useState } from "react";
import { Portal } from "@mantine/core";
import { IconAlertTriangle, IconBucket, IconDots, IconSchool } from "@tabler/icons-react";
import type { DropPlace } from "./drop-places.ts";
import { counted } from "./upload-plan.ts";
import classes from "./drop-overlay.module.css";

type DropOverlayProps = { readonly count: number; readonly places: readonly DropPlace[] };

const ICON = { bucket: IconBucket, practice: IconSchool, closed: IconAlertTriangle } as const;

/**
 * Appears while files are dragged over the window. Counts only: what they are is known after the
 * drop. The tile under the pointer is found by `data-place`, its index.
 */
export function DropOverlay({ count, places }: DropOverlayProps) {
  const [over, setOver] = useState<string | null>(null);
  return (
    <Portal>
      <div
        className={classes.screen}
        role="dialog"
        aria-label="Drop to upload"
        onDragOver={(event) => setOver(placeUnder(event.target))}
      >
        <div className={classes.root}>
          <div className={classes.inner}>
            <div className={classes.head}>
              <h2>Upload {counted(count, "thing")}</h2>
              <p>Drop on a place. Anywhere else in the window, you are asked for it.</p>
            </div>
            <div className={classes.places}>
              {places.map((place, index) => (
                <PlaceTile
                  key={`${place.name} ${place.path} ${place.note}`}
                  place={place}
                  index={String(index)}
                  isOver={over === String(index)}
                />
              ))}
            </div>
            <div className={classes.places}>
              <div
                className={classes.place}
                data-other
                data-over={over === "other" || undefined}
                data-place="other"
              >
                <IconDots size={20} stroke={1.6} aria-hidden />
                <div className={classes.text}>
                  <span className={classes.name}>Another place</span>
                  <span>Drop here to choose it</span>
                </div>
              </div>
            </div>
          </div>
        </div>
      </div>
    </Portal>
  );
}

type PlaceTileProps = {
  readonly place: DropPlace;
  readonly index: string;
  readonly isOver: boolean;
};

function PlaceTile({ place, index, isOver }: PlaceTileProps) {
  const Symbol = ICON[place.kind];
  return (
    <div
      className={classes.place}
      data-place={index}
      data-over={isOver || undefined}
      data-closed={place.kind === "closed" || undefined}
    >
      <Symbol size={20} stroke={1.6} aria-hidden />
      <div className={classes.text}>
        <span className={`${classes.name} lh-cut`}>{place.name}</span>
        <span className="lh-cut">{place.path}</span>
        <span className={`${classes.note} lh-cut`}>
          {isOver ? "Drop to upload here" : place.note}
        </span>
      </div>
    </div>
  );
}

/** The index of the tile at an element, `other`, or null beside the tiles. */
export function placeUnder(target: EventTarget | null): string | null {
  const tile = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
  return tile?.dataset["place"] ?? null;
}
