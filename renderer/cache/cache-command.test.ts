import { expect, it } from "vitest";
import { makeEntry, makeFolder } from "#shared/cache-fixtures.ts";
import { cacheCommand, limitsCommand, pruneCommand, removeFolderCommand } from "./cache-command.ts";

it("names files once, quoted where a shell would read more into them", () => {
  const twice = makeEntry("a b");
  expect(cacheCommand("pin", [twice, makeEntry("it's"), twice])).toBe(
    String.raw`longhaul cache pin '/cache/a b' '/cache/it'\''s'`,
  );
});

it("names none for all of them", () => {
  expect(cacheCommand("verify", [])).toBe("longhaul cache verify");
});

it("frees the same to the byte", () => {
  expect(pruneCommand({ freeBytes: 50e9, folder: null })).toBe("longhaul cache prune --free 50GB");
  expect(pruneCommand({ freeBytes: 10_200_000_001, folder: "/mnt/my cache" })).toBe(
    "longhaul cache prune --free 10200000001B --folder '/mnt/my cache'",
  );
});

it("gives a folder its limits", () => {
  expect(limitsCommand(makeFolder())).toBe(
    "longhaul cache set-folder /cache --quota 100GB --keep-free 50GB",
  );
  expect(limitsCommand(makeFolder({ quotaBytes: null }))).toContain("--quota off");
  expect(removeFolderCommand("/mnt/x")).toBe("longhaul cache remove-folder /mnt/x");
});
