import { expect, it } from "vitest";
import { reportWords } from "./start-upload.ts";

it("says nothing when everything was sent", () => {
  expect(reportWords({ unreadable: [], unreadableCount: 0, isSignedOut: false })).toBeNull();
});

it("names what stayed behind, the first few", () => {
  const words = reportWords({ unreadable: ["a", "b"], unreadableCount: 12, isSignedOut: false });
  expect(words).toContain("12 files");
  expect(words).toContain("a, b and 10 more");
});

it("says how to go on when the page's token is no longer good", () => {
  const words = reportWords({ unreadable: [], unreadableCount: 0, isSignedOut: true });
  expect(words).toContain("drop the files again");
});
