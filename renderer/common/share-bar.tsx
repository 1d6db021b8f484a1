import classes from "./share-bar.module.css";

type ShareBarProps = {
  /** Percent of the whole, one after the other: was here, moved, on the wire. */
  readonly kept: number;
  readonly moved: number;
  readonly flight: number;
  /** Whose progress it is. Without it the bar is a picture of shares. */
  readonly name?: string;
  /** What the bar says to someone who does not see it. */
  readonly text: string;
  /** Pixels. */
  readonly size?: number;
  /** Not moving: the bar keeps its colours and loses strength. */
  readonly isStill?: boolean;
};

/**
 * One bar, always in the order kept, moved, in flight. The layers lie on each other, each pushed in
 * from the left, so that a sample moves them without laying out anything.
 */
export function ShareBar(props: ShareBarProps) {
  const { kept, moved, flight, text, name, size = 5, isStill = false } = props;
  const done = kept + moved;
  const spoken =
    name === undefined
      ? { role: "img", "aria-label": text }
      : {
          role: "progressbar",
          "aria-label": name,
          "aria-valuemin": 0,
          "aria-valuemax": 100,
          "aria-valuenow": Math.floor(done),
          "aria-valuetext": text,
        };
  return (
    <div
      className={classes.bar}
      data-still={isStill || undefined}
      style={{ height: `${size / 16}rem` }}
      {...spoken}
    >
      {flight > 0 && (
        <span className={classes.layer} data-part="flight" style={flightTo(done, flight)} />
      )}
      {moved > 0 && <span className={classes.layer} data-part="moved" style={pushedTo(done)} />}
      {kept > 0 && <span className={classes.layer} data-part="kept" style={pushedTo(kept)} />}
    </div>
  );
}

function pushedTo(percent: number) {
  return { transform: `translateX(${percent - 100}%)` };
}

/** Pixels of flight that stay to be seen, however little is on the wire. */
const FLIGHT_MIN = 7;

function flightTo(done: number, flight: number) {
  const seen = `calc(${done - 100}% + ${FLIGHT_MIN}px)`;
  return { transform: `translateX(max(${done + flight - 100}%, ${seen}))` };
}
