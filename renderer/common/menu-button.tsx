import type { ReactElement } from "react";
import { cloneElement, useCallback, useRef, useState } from "react";
import type { MenuEntry } from "./action-menu.tsx";
import { ActionMenu } from "./action-menu.tsx";

type Opener = {
  readonly onClick?: () => void;
  readonly ref?: (element: HTMLElement | null) => void;
  readonly "aria-haspopup"?: "menu";
  readonly "aria-expanded"?: boolean;
};

type MenuButtonProps = {
  /** What the menu is called. */
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  /** The button that opens it. */
  readonly children: ReactElement<Opener>;
};

/** A button and its menu; closing gives the focus back to the button. */
export function MenuButton({ label, entries, children }: MenuButtonProps) {
  const button = useRef<HTMLElement>(null);
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  const close = useCallback(() => {
    setAnchor(null);
    button.current?.focus();
  }, []);
  return (
    <>
      {cloneElement(children, {
        ref: (element) => {
          button.current = element;
        },
        onClick: () =>
          setAnchor((open) => (open ? null : (button.current?.getBoundingClientRect() ?? null))),
        "aria-haspopup": "menu",
        "aria-expanded": anchor !== null,
      })}
      {anchor && <ActionMenu label={label} entries={entries} anchor={anchor} onClose={close} />}
    </>
  );
}
