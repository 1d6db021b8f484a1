import type { MouseEvent, ReactElement } from "react";
import { cloneElement, useCallback, useState } from "react";
import type { MenuEntry } from "./action-menu.tsx";
import { ActionMenu } from "./action-menu.tsx";

type Opener = {
  readonly onClick?: (event: MouseEvent<HTMLElement>) => void;
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
  /** The button, while its menu is open. */
  const [button, setButton] = useState<HTMLElement | null>(null);
  const close = useCallback(() => {
    button?.focus();
    setButton(null);
  }, [button]);
  return (
    <>
      {cloneElement(children, {
        onClick: ({ currentTarget }) => setButton(button ? null : currentTarget),
        "aria-haspopup": "menu",
        "aria-expanded": button !== null,
      })}
      {button && (
        <ActionMenu
          label={label}
          entries={entries}
          anchor={button.getBoundingClientRect()}
          onClose={close}
        />
      )}
    </>
  );
}
