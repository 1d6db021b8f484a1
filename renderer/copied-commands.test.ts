import { expect, it } from "vitest";
import { CACHE_COMMANDS, MOVE_COMMANDS } from "#shared/copied-commands-fixtures.ts";
import {
  cacheCommand,
  limitsCommand,
  pruneCommand,
  removeFolderCommand,
} from "./cache/cache-command.ts";
import { makeEntry, makeFolder } from "#shared/cache-fixtures.ts";
import { local, remote } from "./fixture/make-transfer.ts";
import { aModel, aModelFile, aVariant } from "./library/models/model-fixtures.ts";
import { commandOfRow } from "./library/models/model-command.ts";
import { commandOf } from "./transfers/place-text.ts";

const lineOf = ({ line }: { readonly line: string }) => line;

it("copies these lines for the cache, which the command line is tested to obey", () => {
  const entries = [makeEntry("it's")];
  const verbs = ["pin", "unpin", "verify", "repair", "forget"] as const;
  const named = verbs.map((verb) => cacheCommand(verb, entries));
  const mine = "/mnt/my cache";
  const limits = { quotaBytes: 50e9, keepFreeBytes: 2e9 };
  expect([
    ...named,
    cacheCommand("verify", []),
    cacheCommand("repair", []),
    pruneCommand({ freeBytes: 10_200_000_001, folder: mine }),
    limitsCommand(makeFolder({ path: mine, ...limits })),
    limitsCommand(makeFolder({ path: "/mnt/x", ...limits, quotaBytes: null })),
    removeFolderCommand("/mnt/x"),
  ]).toEqual(Object.values(CACHE_COMMANDS).map(lineOf));
});

const down = { to: local("Models") };
const prefix = remote("p/", "b", "work");
const contentsOnly = true;

it.each([
  [
    "get an object",
    { ...down, name: "a.gguf", from: remote("m/a.gguf", "b", "work"), itemCount: 1 },
  ],
  ["get a folder", { ...down, name: "tree", from: remote("m/tree/", "b", "work"), itemCount: 1 }],
  [
    "get the contents of a folder",
    { ...down, name: "tree", from: remote("m/tree/", "b", "work"), itemCount: 1, contentsOnly },
  ],
  ["send a file", { name: "one.bin", from: local("one.bin"), to: prefix, itemCount: 1 }],
  [
    "send a file under another name",
    { name: "one.bin", from: local("one.bin"), to: remote("p/two.bin", "b", "work"), itemCount: 1 },
  ],
  ["send a folder", { name: "tree", from: local("tree"), to: prefix, itemCount: 2 }],
  ["send a folder with one file", { name: "tree", from: local("tree"), to: prefix, itemCount: 1 }],
  [
    "send the contents of a folder",
    { name: "tree", from: local("tree"), to: prefix, itemCount: 2, contentsOnly },
  ],
] as const)("copies the line of a transfer: %s", (name, transfer) => {
  expect(commandOf(transfer)).toBe(MOVE_COMMANDS[name].line);
});

it("copies none where the line would do something else", () => {
  const plain = { ...down, name: "a.gguf", from: remote("m/a.gguf", "b", "work"), itemCount: 1 };
  expect(commandOf({ ...plain, isParticular: true })).toBeNull();
});

it("copies the lines of models: a whole one by its folder, a part of one by its files", () => {
  const where = { bucket: "b", profileName: "work", folder: "/home/mira/Models", separator: "/" };
  const whole = { model: aModel("m/tree/"), variant: null, isChild: false };
  expect(commandOfRow(whole, where)).toBe(MOVE_COMMANDS["get a folder"].line);
  const variant = aVariant("m/", { files: [aModelFile("m/a.gguf")] });
  const model = aModel("m/", { variants: [variant] });
  expect(commandOfRow({ model, variant, isChild: true }, where)).toBe(
    MOVE_COMMANDS["get the files of a variant"].line,
  );
});
