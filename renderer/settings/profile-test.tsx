import { useState } from "react";
import { Button, Checkbox, Loader } from "@mantine/core";
import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleXFilled,
} from "@tabler/icons-react";
import type { DraftKey } from "./draft-store.ts";
import type { ProfileDraft } from "./profile-draft.ts";
import type { ShownStep } from "./test-steps.ts";
import { clockText } from "../common/clock-text.ts";
import { useDraftStore } from "./draft-store.ts";
import { shownSteps } from "./test-steps.ts";
import { testWords } from "./use-profile-actions.ts";
import classes from "./profile-test.module.css";

const ICON = {
  passed: { icon: IconCircleCheckFilled, label: "Passed" },
  failed: { icon: IconCircleXFilled, label: "Failed" },
  waiting: { icon: IconCircleDashed, label: "Not reached" },
  skipped: { icon: IconCircleMinus, label: "Not tried" },
} as const;

type ProfileTestProps = {
  readonly draftKey: DraftKey;
  readonly draft: ProfileDraft;
  readonly onChange: (part: Partial<ProfileDraft>) => void;
  readonly onTest: (tryWrite: boolean) => void;
};

/** Step by step, so that the first thing that is wrong is the one that is named, with its remedy beside it. */
export function ProfileTest({ draftKey, draft, onChange, onTest }: ProfileTestProps) {
  const run = useDraftStore((state) => state.tests.get(draftKey));
  const [tryWrite, setTryWrite] = useState(false);
  const isRunning = run?.phase === "running";
  return (
    <section aria-label="Test">
      <div className={classes.head}>
        <h3>Test</h3>
        <span className={classes.sum}>
          {run?.atMs &&
            `${clockText(run.atMs, run.atMs)}: ${testWords(run.steps.map((step) => step.outcome))}`}
        </span>
        <Checkbox
          label="Also try writing"
          checked={tryWrite}
          onChange={(event) => setTryWrite(event.currentTarget.checked)}
        />
        <Button disabled={isRunning} onClick={() => onTest(tryWrite)}>
          {run ? "Test again" : "Test"}
        </Button>
      </div>
      <ol className={classes.steps} aria-label="Steps" aria-busy={isRunning}>
        {shownSteps(run?.steps ?? [], draft, tryWrite).map((step) => (
          <StepLine
            key={step.step}
            step={step}
            isRunning={isRunning && step.result === "waiting"}
            onChange={onChange}
          />
        ))}
      </ol>
    </section>
  );
}

type StepLineProps = {
  readonly step: ShownStep;
  readonly isRunning: boolean;
  readonly onChange: (part: Partial<ProfileDraft>) => void;
};

function StepLine({ step, isRunning, onChange }: StepLineProps) {
  const { icon: Icon, label } = ICON[step.result];
  const { remedy } = step;
  return (
    <li data-result={step.result}>
      {isRunning ? (
        <Loader size={14} color="gray" aria-label="Under way" />
      ) : (
        <Icon size={16} role="img" aria-label={label} />
      )}
      <span className={classes.name}>{step.name}</span>
      <span className={classes.text}>
        {step.text}
        {step.todo !== null && <span className={classes.todo}>{step.todo}</span>}
      </span>
      {remedy ? (
        <Button size="xs" variant="filled" onClick={() => onChange(remedy.change)}>
          {remedy.label}
        </Button>
      ) : (
        <span className={`${classes.took} lh-number`}>
          {step.tookMs !== null && `${Math.round(step.tookMs).toLocaleString("en")} ms`}
        </span>
      )}
    </li>
  );
}
