import { describe, expect, it } from "vitest";
import { local, makeTransfer, remote } from "../fixture/make-transfer.ts";
import { addressOf, commandOf, placeText, remoteOf, routeText } from "./place-text.ts";

const host = { userFolder: "/home/mira", pathSeparator: "/" };
const drop = { kind: "drop" } as const;

describe("a place", () => {
  it.each([
    [local("Models/a.gguf"), "~/Models/a.gguf", "~/Models", "/home/mira/Models/a.gguf"],
    [
      remote("llama/a.gguf", "models"),
      "models/llama/a.gguf",
      "models/llama",
      "s3://models/llama/a.gguf",
    ],
    [remote("llama/", "models"), "models/llama/", "models", "s3://models/llama/"],
    [remote("", "models"), "models", "models", "s3://models/"],
    [drop, "this browser", "this browser", null],
  ])("%j is written whole, as a route, and for other programs", (place, whole, route, address) => {
    expect(placeText(place, host)).toBe(whole);
    expect(routeText(place, host)).toBe(route);
    expect(addressOf(place)).toBe(address);
  });

  it("keeps a file at the root of the disk readable", () => {
    expect(routeText({ kind: "local", path: "/disk.img" }, host)).toBe("/disk.img");
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
  it("is one that a shell takes as it is", () => {
    const from = remote("llama/a.gguf", "models");
    expect(commandOf({ from, to: local("Models/a.gguf") })).toBe(
      "longhaul cp s3://models/llama/a.gguf /home/mira/Models/a.gguf --profile company",
    );
  });

  it("quotes what a shell would read more into", () => {
    const to = { kind: "local", path: "/home/mira/it's $HOME/a b" } as const;
    expect(commandOf({ from: remote("a", "models"), to })).toBe(
      String.raw`longhaul cp s3://models/a '/home/mira/it'\''s $HOME/a b' --profile company`,
    );
  });

  it("does not exist for files that only a browser has", () => {
    expect(commandOf({ from: drop, to: remote("a") })).toBeNull();
  });
});
