import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { UploadRequest } from "#shared/transfer-request.ts";
import type { CopiedCommand } from "#shared/copied-commands-fixtures.ts";
import {
  CACHE_COMMANDS,
  HOME,
  MOVE_COMMANDS,
  UPLOAD_COMMANDS,
} from "#shared/copied-commands-fixtures.ts";
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
import { commandOfUpload } from "./drop/upload-command.ts";
import { itemOfPicked, itemOfRoot } from "./drop/upload-plan.ts";
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
  const variant = aVariant("m/", { files: [aModelFile("m/a[1].gguf")] });
  const model = aModel("m/", { variants: [variant] });
  expect(commandOfRow({ model, variant, isChild: true }, where)).toBe(
    MOVE_COMMANDS["get the files of a variant"].line,
  );
});

it.each(Object.entries<CopiedCommand>(UPLOAD_COMMANDS))(
  "copies the line of an upload sheet: %s",
  (_, { line, input }) => {
    const { sources, destination, ...given } = UploadRequest.parse(input);
    const { onConflict, archive = null, object, access } = given;
    const items = sources.map((ref) => {
      const path = "path" in ref ? ref.path : "";
      const kind = path.endsWith("tree") ? ("folder" as const) : ("file" as const);
      return itemOfPicked({ ref, path, kind });
    });
    const plan = { items, destination, onConflict, archive, choice: { object, access } };
    expect(commandOfUpload(plan, "work")).toBe(line);
  },
);

it("copies none of what only a page has, or what no flag says", () => {
  const items = [itemOfPicked({ ref: { path: `${HOME}/a` }, path: `${HOME}/a`, kind: "file" })];
  const destination = { profileId: ProfileId.parse("work"), bucket: "b", prefix: "" };
  const plan = { items, destination, onConflict: "ask", archive: null, choice: {} } as const;
  expect(commandOfUpload(plan, "work")).toBe(`longhaul cp ${HOME}/a s3://b/ --profile work`);
  const choice = { object: { preserveMode: false } };
  expect(commandOfUpload({ ...plan, choice }, "work")).toBeNull();
  const root = itemOfRoot({ name: "a", kind: "folder", files: [] } as never);
  expect(commandOfUpload({ ...plan, items: [...items, root] }, "work")).toBeNull();
});
