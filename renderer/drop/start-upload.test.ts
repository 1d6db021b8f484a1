import { expect, it } from "vitest";
import { continuedWords, reportWords } from "./start-upload.ts";

const fine = {
  unreadable: [],
  unreadableCount: 0,
  refusedCount: 0,
  refusal: null,
  isSignedOut: false,
};

it("says nothing when everything was sent", () => {
  expect(reportWords(fine)).toBeNull();
});

it("names what stayed behind, the first few", () => {
  const words = reportWords({ ...fine, unreadable: ["a", "b"], unreadableCount: 12 });
  expect(words).toContain("12 files");
  expect(words).toContain("a, b and 10 more");
});

it("says how to go on when the page's token is no longer good", () => {
  const words = reportWords({ ...fine, isSignedOut: true });
  expect(words).toContain("drop the files again");
});

it("says why the host would not take files", () => {
  const refusal = { code: "disk-failed", message: "EIO", details: {} } as const;
  const words = reportWords({ ...fine, refusedCount: 3, refusal });
  expect(words).toMatch(/^3 files of the drop could not be taken\./);
});

it("says what goes on", () => {
  expect(continuedWords(1)).toBe("1 file of this drop goes on where it stopped.");
  expect(continuedWords(300)).toBe("300 files of this drop go on where they stopped.");
});
