import { describe, expect, it } from "vitest";
import { NO_SYNC } from "#shared/sync.ts";
import { local, makeTransfer, remote } from "../fixture/make-transfer.ts";
import { addressOf, commandOf, placeText, remoteOf, routeText } from "./place-text.ts";

const host = { userFolder: "/home/mira", pathSeparator: "/" };
const drop = { kind: "drop" } as const;

describe("a place", () => {
  it.each([
    [local("Models/a.gguf"), "~/Models/a.gguf", "/home/mira/Models/a.gguf"],
    [remote("llama/a.gguf", "models"), "models/llama/a.gguf", "s3://models/llama/a.gguf"],
    [remote("", "models"), "models", "s3://models/"],
    [drop, "this browser", null],
  ])("%j is written for people and for other programs", (place, whole, address) => {
    expect(placeText(place, host)).toBe(whole);
    expect(addressOf(place)).toBe(address);
  });
});

describe("a route", () => {
  it.each([
    [local("Models/a.gguf"), "~/Models"],
    [local("Models"), "~/Models"],
    [remote("llama/a.gguf", "models"), "models/llama"],
    [remote("llama/", "models"), "models/llama"],
    [remote("a.gguf/", "models"), "models"],
    [remote("", "models"), "models"],
    [{ kind: "local", path: "/a.gguf" } as const, "/a.gguf"],
    [drop, "this browser"],
  ])("through %j does not say the name again", (place, text) => {
    expect(routeText(place, "a.gguf", host)).toBe(text);
  });
});

describe("the end in a bucket", () => {
  it("is where an upload goes and where a download comes from", () => {
    const down = makeTransfer("a", { total: 1 });
    expect(remoteOf(down)).toBe(down.from);
    const up = { from: local("a"), to: remote("a") };
    expect(remoteOf(up)).toBe(up.to);
  });
});

describe("the same as a command", () => {
  const file = { name: "a.gguf", itemCount: 1 };

  it("is one that a shell takes as it is", () => {
    const from = remote("llama/a.gguf", "models");
    expect(commandOf({ ...file, from, to: local("Models") })).toBe(
      "longhaul cp s3://models/llama/a.gguf /home/mira/Models/ --profile company",
    );
  });

  it("names the folder again, because the command copies what is in it", () => {
    const tree = { name: "tree", itemCount: 300 };
    expect(commandOf({ ...tree, from: local("tree"), to: remote("p/", "b") })).toBe(
      "longhaul cp /home/mira/tree s3://b/p/tree/ --profile company",
    );
    expect(commandOf({ ...tree, from: remote("p/tree/", "b"), to: local("data") })).toBe(
      "longhaul cp s3://b/p/tree/ /home/mira/data/tree/ --profile company",
    );
  });

  it("quotes what a shell would read more into", () => {
    const to = { kind: "local", path: "/home/mira/it's $HOME/a b" } as const;
    expect(commandOf({ ...file, from: remote("a.gguf", "models"), to })).toBe(
      String.raw`longhaul cp s3://models/a.gguf '/home/mira/it'\''s $HOME/a b/' --profile company`,
    );
  });

  it("packs a folder, or unpacks an archive, where the transfer does", () => {
    const tree = { name: "bert", itemCount: 1, from: local("bert"), archive: "tar.gz" } as const;
    expect(commandOf({ ...tree, to: remote("p/", "b") })).toBe(
      "longhaul cp --archive tar.gz /home/mira/bert s3://b/p/ --profile company",
    );
    expect(commandOf({ ...tree, to: remote("p/x.tgz", "b") })).toContain(" s3://b/p/x.tgz ");
    const unpack = { destination: "/home/mira/Models/bert", method: "auto", came: null } as const;
    const got = {
      name: "bert.zip",
      itemCount: 1,
      from: remote("bert.zip", "b"),
      to: local("Models"),
    };
    expect(commandOf({ ...got, unpack })).toBe(
      "longhaul get s3://b/bert.zip /home/mira/Models/ --unpack=/home/mira/Models/bert --profile company",
    );
    expect(commandOf({ ...got, unpack: { ...unpack, method: "gz" } })).toContain("--method gz");
  });

  it("does not exist for a sync, whose wishes are not known here", () => {
    const sync = { ...NO_SYNC, isDryRun: false };
    expect(commandOf({ ...file, from: remote("a.gguf", "b"), to: local("d"), sync })).toBeNull();
  });

  it("does not exist for files that only a browser has, nor for several sources", () => {
    expect(commandOf({ ...file, from: drop, to: remote("p/") })).toBeNull();
    const several = { name: "a.gguf and 2 more", itemCount: 3 };
    expect(commandOf({ ...several, from: remote("llama/"), to: local("Models") })).toBeNull();
  });
});
