import { describe, expect, it } from "vitest";
import type { ErrorInfo } from "#shared/errors.ts";
import type { TransferView } from "#shared/transfer.ts";
import { makeTransfer, remote } from "../fixture/make-transfer.ts";
import { areSameTroubles, findSharedTroubles } from "./shared-trouble.ts";

const expired: ErrorInfo = {
  code: "credentials-expired",
  message: "",
  details: { profile: "research-eu" },
};
const away: ErrorInfo = {
  code: "unreachable",
  message: "",
  details: { endpoint: "https://minio.lab:9000" },
};
const from = (profile: string) => remote("a", "b", profile);
const waits = (profile: string): TransferView =>
  makeTransfer(
    "a",
    { total: 1 },
    {
      from: from(profile),
      state: { phase: "paused", cause: "credentials", sinceMs: 0, error: expired },
    },
  );
const stalls = (profile: string, error: ErrorInfo = away): TransferView =>
  makeTransfer(
    "a",
    { total: 1 },
    {
      from: from(profile),
      state: {
        phase: "running",
        activity: {
          kind: "stalled",
          sinceMs: 0,
          retry: { attempt: 1, atMs: 0, part: null, error },
        },
      },
    },
  );

describe("a trouble that several share", () => {
  it("is said once for all that wait for the same keys", () => {
    const views = [waits("research-eu"), waits("research-eu"), waits("company")];
    expect(findSharedTroubles(views)).toMatchObject([
      { kind: "keys", profileId: "research-eu", ids: [views[0]?.id, views[1]?.id] },
    ]);
  });

  it("is an endpoint that is away, by its own name", () => {
    const [trouble] = findSharedTroubles([stalls("lab"), stalls("lab")]);
    expect(trouble).toMatchObject({ kind: "endpoint", profileName: "lab" });
    expect(trouble?.what).toContain("minio.lab:9000");
  });

  it("is not what only one has", () => {
    expect(findSharedTroubles([waits("a"), stalls("a"), stalls("b")])).toEqual([]);
  });

  it("is not a slow answer, which is each transfer's own", () => {
    const slow: ErrorInfo = { code: "throttled", message: "", details: {} };
    expect(findSharedTroubles([stalls("lab", slow), stalls("lab", slow)])).toEqual([]);
  });
});

it("stays the same until it is another, or somebody else's too", () => {
  const views = [waits("a"), waits("a")];
  const before = findSharedTroubles(views);
  expect(areSameTroubles(before, findSharedTroubles(views))).toBe(true);
  expect(areSameTroubles(before, findSharedTroubles([...views, waits("a")]))).toBe(false);
  expect(areSameTroubles(before, [])).toBe(false);
});
