import { useState } from "react";
import { Button, Checkbox } from "@mantine/core";
import type { TransferView } from "#shared/transfer.ts";
import { answersTo, forAllText, isConflict } from "./answers.ts";
import { useAnswer } from "./use-answer.ts";
import classes from "./transfer-row.module.css";

/** What a transfer asks, answered in its row. Reached from the row by the right arrow. */
export function AnswerStrip({ view }: { readonly view: TransferView }) {
  const [forAll, setForAll] = useState(true);
  const answer = useAnswer();
  const also = isConflict(view) ? forAllText(view) : null;
  return (
    <div className={classes.answers} role="gridcell">
      {answersTo(view).map((choice) => (
        <Button
          key={choice.label}
          size="xs"
          tabIndex={-1}
          variant={choice.isPrimary ? "filled" : "default"}
          onClick={() => answer(view, choice.act, also !== null && forAll)}
        >
          {choice.label}
        </Button>
      ))}
      {also && (
        <Checkbox
          label={also}
          ml="xs"
          tabIndex={-1}
          checked={forAll}
          onChange={(event) => setForAll(event.currentTarget.checked)}
        />
      )}
    </div>
  );
}
