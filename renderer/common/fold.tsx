import type { ReactNode } from "react";
import { useId } from "react";
import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import classes from "./fold.module.css";

type FoldProps = {
  readonly label: string;
  /** What is inside, in a few words, while it is closed. */
  readonly note: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
};

/** What few need, under a line that says what is in it. */
export function Fold({ label, note, isOpen, onToggle, children }: FoldProps) {
  const id = useId();
  return (
    <section className={classes.fold}>
      <UnstyledButton
        className={classes.line}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={onToggle}
      >
        <IconChevronRight
          className={classes.chevron}
          data-open={isOpen || undefined}
          size={14}
          aria-hidden
        />
        <span>{label}</span>
        {!isOpen && <span className={`${classes.note} lh-cut`}>{note}</span>}
      </UnstyledButton>
      <div id={id} hidden={!isOpen} className={classes.inside}>
        {isOpen && children}
      </div>
    </section>
  );
}
