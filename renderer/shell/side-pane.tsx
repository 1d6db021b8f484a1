import type { ReactNode } from "react";
import { useState } from "react";
import { SplitHandle } from "../common/split-handle.tsx";
import { useAct } from "../host/use-act.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import classes from "./side-pane.module.css";

/** Pixels. */
const LEAST_WIDTH = 320;
const MOST_WIDTH = 560;

type SidePaneProps = {
  /** It stands in the list's place, and not beside it. */
  readonly isAlone: boolean;
  readonly children: ReactNode;
};

/** Details beside a list, as wide as they were last made; or in its place, in a narrow window. */
export function SidePane({ isAlone, children }: SidePaneProps) {
  return isAlone ? <div className={classes.cover}>{children}</div> : <Side>{children}</Side>;
}

function Side({ children }: { readonly children: ReactNode }) {
  const act = useAct();
  const kept = useSettingsStore((state) => state.settings.detailWidth);
  /** While the edge is dragged. */
  const [dragged, setDragged] = useState<number | null>(null);
  const width = dragged ?? kept;
  return (
    <>
      <SplitHandle
        label="Width of the details"
        width={width}
        least={LEAST_WIDTH}
        most={MOST_WIDTH}
        onResize={setDragged}
        onSettle={(detailWidth) => {
          setDragged(null);
          act("settings.set", { detailWidth });
        }}
      />
      <div className={classes.side} style={{ width: `${width / 16}rem` }}>
        {children}
      </div>
    </>
  );
}
