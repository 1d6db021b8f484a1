import type { ProfileTestStep } from "#shared/contract.ts";
import type { ProfileTestStepName } from "#shared/profile.ts";
import { explainError } from "#shared/error-words.ts";
import type { ProfileDraft } from "./profile-draft.ts";

/** A change to the draft that may help, as a button in the failing line. */
export type Remedy = { readonly label: string; readonly change: Partial<ProfileDraft> };

export type ShownStep = {
  readonly step: ProfileTestStepName;
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped" | "waiting";
  readonly text: string;
  /** What to do about it; null where nothing is wrong. */
  readonly todo: string | null;
  readonly tookMs: number | null;
  readonly remedy: Remedy | null;
};

const STEPS: readonly {
  readonly step: ProfileTestStepName;
  readonly name: string;
  readonly waits: string;
}[] = [
  { step: "reach", name: "Reach", waits: "does the endpoint answer" },
  { step: "clock", name: "Clock", waits: "do both clocks agree" },
  { step: "signature", name: "Signature", waits: "are the keys accepted" },
  { step: "list", name: "List", waits: "may the buckets be listed" },
  {
    step: "write",
    name: "Write",
    waits: "one small object, deleted at once; are conditions of writes kept",
  },
];

/** Every step in order: what came of it, or what it will look at. */
export function shownSteps(
  steps: readonly ProfileTestStep[],
  draft: ProfileDraft,
  triesWriting: boolean,
): readonly ShownStep[] {
  const hasFailed = steps.some((step) => step.outcome === "failed");
  return STEPS.map(({ step, name, waits }): ShownStep => {
    const done = steps.find((one) => one.step === step);
    if (done) return shownStep(done, name, draft);
    const unasked = step === "write" && !triesWriting;
    const text = unasked
      ? `${waits}; only when asked`
      : hasFailed
        ? "waits for the steps before"
        : waits;
    const result = unasked ? "skipped" : "waiting";
    return { step, name, result, text, todo: null, tookMs: null, remedy: null };
  });
}

function shownStep(done: ProfileTestStep, name: string, draft: ProfileDraft): ShownStep {
  const words = done.error ? explainError(done.error) : undefined;
  return {
    step: done.step,
    name,
    result: done.outcome,
    text: words ? `${words.what} ${words.why}` : done.found || "waits for the steps before",
    todo: words?.todo ?? null,
    tookMs: done.outcome === "skipped" ? null : done.tookMs,
    remedy: remedyOf(done, draft),
  };
}

/** What can be changed here and now. */
function remedyOf({ error, step }: ProfileTestStep, draft: ProfileDraft): Remedy | null {
  if (!error) return null;
  const region = error.details.region;
  if (error.code === "wrong-region" && region !== undefined && region !== draft.region) {
    return { label: `Use ${region}`, change: { region } };
  }
  const isAway = error.code === "unknown-host" || error.code === "unreachable";
  // With the bucket in the host name, a server that does not know such names is not found.
  if (isAway && draft.addressing === "virtual" && step !== "clock") {
    return { label: "Use path style", change: { addressing: "path" } };
  }
  return null;
}
