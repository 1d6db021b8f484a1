import type { ReactNode } from "react";
import { IconAlertTriangle } from "@tabler/icons-react";
import { explainError } from "#shared/error-words.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import classes from "./trouble-note.module.css";

type TroubleNoteProps = {
  readonly error: ErrorInfo;
  /** Buttons: what can be done. */
  readonly children?: ReactNode;
};

/** Why something is not on screen, in the place where it would be. */
export function TroubleNote({ error, children }: TroubleNoteProps) {
  const words = explainError(error);
  return (
    <div className={classes.note} role="status">
      <span className={classes.what}>
        <IconAlertTriangle size={16} aria-hidden />
        {words.what}
      </span>
      <p>{words.why}</p>
      <p>{words.todo}</p>
      {children && <div className={classes.ways}>{children}</div>}
    </div>
  );
}
