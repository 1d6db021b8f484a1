import type { Direction } from "#shared/transfer.ts";
import type { Look } from "./look.ts";
import classes from "./transfer-glyph.module.css";

type TransferGlyphProps = { readonly direction: Direction; readonly look: Look };

/** Direction is the arrow, state is the shape around it. Neither needs colour to be read. */
export function TransferGlyph({ direction, look }: TransferGlyphProps) {
  return (
    <svg
      className={`${classes.glyph} lh-icon`}
      data-look={look}
      viewBox="0 0 24 24"
      width={24}
      height={24}
      aria-hidden
    >
      <circle className={classes.disc} cx="12" cy="12" r="10" />
      <path
        className={classes.arrow}
        d={
          direction === "download"
            ? "M12 7v10M7.8 12.9 12 17l4.2-4.1"
            : "M12 17V7M7.8 11.1 12 7l4.2 4.1"
        }
      />
      <Pip look={look} />
    </svg>
  );
}

const PIP_PATH: Partial<Record<Look, string>> = {
  paused: "M17.9 17.3v3.6M20.1 17.3v3.6",
  asking: "M19 16.5v2.9M19 21.2v.1",
  failed: "M17.6 17.7l2.8 2.8M20.4 17.7l-2.8 2.8",
  done: "M17 19.2l1.4 1.4 2.6-2.9",
};

function Pip({ look }: { readonly look: Look }) {
  const path = PIP_PATH[look];
  if (path === undefined) return null;
  return (
    <g>
      <circle className={classes.cut} cx="19" cy="19" r="6.2" />
      <circle className={classes.pip} cx="19" cy="19" r="4.7" />
      <path className={classes.mark} d={path} />
    </g>
  );
}
