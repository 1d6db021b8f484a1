import type { ReactNode } from "react";
import classes from "./empty-state.module.css";

type EmptyStateProps = {
  readonly title?: string;
  readonly text: string;
  /** Buttons: the way to have something. */
  readonly children?: ReactNode;
};

/** In the place of a list that has nothing: what it would have, and how that is come by. */
export function EmptyState({ title, text, children }: EmptyStateProps) {
  return (
    <div className={classes.empty} role="status">
      {title !== undefined && <h2>{title}</h2>}
      <p>{text}</p>
      {children !== undefined && <div className={classes.ways}>{children}</div>}
    </div>
  );
}
