import { expect, it } from "vitest";
import type { ProfileTestStep } from "#shared/contract.ts";
import type { ErrorCode, ErrorDetails } from "#shared/errors.ts";
import { newDraft } from "./profile-draft.ts";
import { shownSteps } from "./test-steps.ts";

const draft = newDraft("aws");

function passed(step: ProfileTestStep["step"]): ProfileTestStep {
  return { step, outcome: "passed", found: "answered", error: null, tookMs: 3 };
}

function failed(step: ProfileTestStep["step"], code: ErrorCode, details: ErrorDetails = {}) {
  const error = { code, message: "m", details };
  return { step, outcome: "failed", found: "", error, tookMs: 3 } as const;
}

it("shows all steps before a test, the writing one as not asked for", () => {
  expect(shownSteps([], draft, false).map((step) => step.result)).toEqual([
    "waiting",
    "waiting",
    "waiting",
    "waiting",
    "skipped",
  ]);
});

it("names what failed, and leaves what comes after it waiting", () => {
  const steps = shownSteps([passed("reach"), failed("clock", "clock-skewed")], draft, true);
  expect(steps.map((step) => step.result)).toEqual([
    "passed",
    "failed",
    "waiting",
    "waiting",
    "waiting",
  ]);
  expect(steps[1]?.todo).not.toBeNull();
});

it("offers the bucket's own region", () => {
  const [, , , list] = shownSteps(
    [failed("list", "wrong-region", { region: "eu-1" })],
    draft,
    false,
  );
  expect(list?.remedy).toEqual({ label: "Use eu-1", change: { region: "eu-1" } });
});

it("offers path style where the bucket in the host name is not found", () => {
  const virtual = { ...draft, addressing: "virtual" as const };
  const [reach] = shownSteps([failed("reach", "unknown-host")], virtual, false);
  expect(reach?.remedy?.change).toEqual({ addressing: "path" });
  expect(shownSteps([failed("reach", "unknown-host")], draft, false)[0]?.remedy).toBeNull();
});
