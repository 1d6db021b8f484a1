import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { ErrorDetails } from "#shared/errors.ts";
import { MiB } from "../../bytes/sizes.ts";
import { LearnedLimits } from "./learned-limits.ts";

function refusal(details: ErrorDetails): LonghaulError {
  return new LonghaulError("unsupported", "refused", { details: { status: 400, ...details } });
}

describe("a part that is refused", () => {
  it.each([
    [
      "the number that the server names, to be kept",
      { mostParts: 500 },
      { maxParts: 500, kept: [500] },
    ],
    ["the usual thousand where it names none", {}, { maxParts: 1000, kept: [] }],
  ])("for its number teaches %s", (_, said, { maxParts, kept }) => {
    const caps: number[] = [];
    const limits = new LearnedLimits(undefined, (cap) => caps.push(cap));
    const error = limits.explainPart(refusal({ cause: "InvalidArgument", ...said }), 4000);
    expect(error).toMatchObject({ code: "upload-gone", details: { cause: "PartLimits" } });
    expect(limits.now.maxParts).toBe(maxParts);
    expect(caps).toEqual(kept);
  });

  it.each([
    ["a low number", refusal({ cause: "InvalidArgument" }), 900],
    [
      "a number that the server says it takes",
      refusal({ cause: "InvalidArgument", mostParts: 9 }),
      9,
    ],
    ["anything else", refusal({ cause: "InvalidRequest" }), 4000],
  ])("for %s teaches nothing", (_, said, number) => {
    const limits = new LearnedLimits();
    expect(limits.explainPart(said, number)).toBe(said);
    expect(limits.now.maxParts).toBe(10_000);
  });
});

describe("parts that are too small", () => {
  it.each([
    [8 * MiB, 8 * MiB],
    [undefined, 10 * MiB],
    [1024 * MiB, 64 * MiB],
  ])("with a least size of %s make later ones %s", (neededBytes, minPartBytes) => {
    const limits = new LearnedLimits();
    const said = refusal({ cause: "EntityTooSmall", ...(neededBytes && { neededBytes }) });
    expect(limits.explainComplete(said, 5 * MiB)).toMatchObject({ code: "upload-gone" });
    expect(limits.now.minPartBytes).toBe(minPartBytes);
  });

  it("are no reason to begin again once they are as large as anybody asks for", () => {
    const said = refusal({ cause: "EntityTooSmall" });
    expect(new LearnedLimits().explainComplete(said, 64 * MiB)).toBe(said);
  });
});
