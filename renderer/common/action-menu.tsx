import type { KeyboardEvent, ReactNode } from "react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { Icon } from "@tabler/icons-react";
import { placeMenu, stepTo } from "./menu-place.ts";
import classes from "./action-menu.module.css";

export type MenuItem = {
  readonly kind: "item";
  readonly label: string;
  readonly icon?: Icon;
  /** The keys that do the same. */
  readonly keys?: string;
  readonly isDanger?: boolean;
  readonly onPick: () => void;
};
export type MenuEntry = MenuItem | { readonly kind: "line" };

type ActionMenuProps = {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  /** Of the button it belongs to, or of the pointer, in the window. */
  readonly anchor: DOMRect;
  readonly onClose: () => void;
};

/**
 * A menu with its own markup: one list of `menuitem`s, the focus inside while it is open. The caller
 * takes the focus back in `onClose`.
 */
export function ActionMenu({ label, entries, anchor, onClose }: ActionMenuProps) {
  const panel = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number }>();

  useLayoutEffect(() => {
    const size = panel.current?.getBoundingClientRect();
    const room = { width: window.innerWidth, height: window.innerHeight };
    if (size) setPlace(placeMenu(anchor, size, room));
  }, [anchor]);

  useEffect(() => {
    if (place) itemsOf(panel.current)[0]?.focus();
  }, [place]);

  useEffect(() => {
    const outside = (event: Event) => {
      const { target } = event;
      // The button that opened it closes it by its own click.
      const isOurs =
        target instanceof Element &&
        (panel.current?.contains(target) || target.closest('[aria-expanded="true"]'));
      if (!isOurs) onClose();
    };
    window.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", onClose);
    return () => {
      window.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", onClose);
    };
  }, [onClose]);

  function onKeyDown(event: KeyboardEvent): void {
    event.stopPropagation();
    const items = itemsOf(panel.current);
    const at = items.findIndex((item) => item === document.activeElement);
    const next = stepTo(event.key, at, items.length);
    if (next !== null) items[next]?.focus();
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
  }

  return createPortal(
    <div
      ref={panel}
      role="menu"
      aria-label={label}
      className={classes.panel}
      style={place ?? { visibility: "hidden" }}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
      {entries.map((entry, index) => (
        <Entry key={entry.kind === "item" ? entry.label : index} entry={entry} onClose={onClose} />
      ))}
    </div>,
    // Inside the page's main part: no other place is fixed to the window and in a landmark.
    document.querySelector("main") ?? document.body,
  );
}

type EntryProps = { readonly entry: MenuEntry; readonly onClose: () => void };

function Entry({ entry, onClose }: EntryProps): ReactNode {
  if (entry.kind === "line") return <div role="separator" className={classes.line} />;
  const Symbol = entry.icon;
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes.item}
      data-danger={entry.isDanger || undefined}
      onPointerEnter={(event) => event.currentTarget.focus()}
      onClick={() => {
        onClose();
        entry.onPick();
      }}
    >
      <span className={classes.icon}>{Symbol && <Symbol size={15} aria-hidden />}</span>
      <span className={classes.label}>{entry.label}</span>
      {entry.keys && (
        <span className={classes.keys} aria-hidden>
          {entry.keys}
        </span>
      )}
    </button>
  );
}

function itemsOf(panel: HTMLElement | null): readonly HTMLElement[] {
  return panel ? [...panel.querySelectorAll<HTMLElement>('[role="menuitem"]')] : [];
}
