import type { KeyboardEvent, RefObject } from "react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Button, FocusTrap, TextInput } from "@mantine/core";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { placeMenu } from "../common/menu-place.ts";
import { otherUnit, readRate, writeRate } from "../common/rate-text.ts";
import { useAct } from "../host/use-act.ts";
import classes from "./cap-panel.module.css";

type CapPanelProps = {
  /** The transfers that get the cap; at least one. */
  readonly views: readonly TransferView[];
  /** Of the row it belongs to, in the window. */
  readonly anchor: DOMRect;
  /** The caller takes the focus back. */
  readonly onClose: () => void;
};

/** Sets, changes or lifts the cap of one transfer, or of all that are selected. */
export function CapPanel({ views, anchor, onClose }: CapPanelProps) {
  const panel = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number }>();
  useLayoutEffect(() => {
    const size = panel.current?.getBoundingClientRect();
    const room = { width: window.innerWidth, height: window.innerHeight };
    if (size) setPlace(placeMenu(anchor, size, room));
  }, [anchor]);
  useOutside(panel, onClose);
  const [first] = views;
  const title =
    views.length === 1 ? `Limit ${first?.name ?? ""}` : `Limit ${views.length} transfers`;
  function onKeyDown(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") onClose();
  }
  return createPortal(
    <FocusTrap active={place !== undefined} innerRef={panel}>
      <div
        role="dialog"
        aria-label={title}
        className={classes.panel}
        style={place ?? { visibility: "hidden" }}
        onKeyDown={onKeyDown}
      >
        <p className={`${classes.lead} lh-cut`}>{title}</p>
        <p className={classes.text}>Holds at once, beside the limits of all transfers.</p>
        <CapForm
          kept={first?.capBytesPerSecond ?? null}
          ids={views.map(({ id }) => id)}
          onClose={onClose}
        />
      </div>
    </FocusTrap>,
    document.querySelector("main") ?? document.body,
  );
}

type CapFormProps = {
  readonly kept: number | null;
  readonly ids: readonly TransferId[];
  readonly onClose: () => void;
};

function CapForm({ kept, ids, onClose }: CapFormProps) {
  const act = useAct();
  const [text, setText] = useState(writeRate(kept));
  const read = readRate(text);
  function set(bytesPerSecond: number | null): void {
    for (const id of ids) act("transfer.cap", { id, bytesPerSecond });
    onClose();
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (read.ok) set(read.bytesPerSecond);
      }}
    >
      <TextInput
        label="At most"
        placeholder="no limit"
        value={text}
        error={read.ok ? null : read.problem}
        description={read.ok ? otherUnit(read.bytesPerSecond, text) : undefined}
        inputWrapperOrder={["label", "input", "description", "error"]}
        onChange={(event) => setText(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        data-autofocus
      />
      <div className={classes.foot}>
        <Button variant="subtle" px={6} disabled={kept === null} onClick={() => set(null)}>
          Lift the limit
        </Button>
        <Button type="submit" variant="filled" disabled={!read.ok}>
          Set
        </Button>
      </div>
    </form>
  );
}

function useOutside(panel: RefObject<HTMLDivElement | null>, onClose: () => void): void {
  useEffect(() => {
    const outside = ({ target }: Event) => {
      if (!(target instanceof Node && panel.current?.contains(target))) onClose();
    };
    window.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", onClose);
    return () => {
      window.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", onClose);
    };
  }, [panel, onClose]);
}
