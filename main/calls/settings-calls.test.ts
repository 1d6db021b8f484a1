import { beforeEach, describe, expect, it } from "vitest";
import type { Pace, Settings } from "#shared/settings.ts";
import type { PaceMode } from "#shared/week.ts";
import { LonghaulError } from "#shared/errors.ts";
import { DEFAULT_NETWORK } from "#shared/network.ts";
import { MemoryDocument } from "../profiles/fakes.ts";
import { SettingsBook } from "../profiles/settings-book.ts";
import { settingsCalls } from "./settings-calls.ts";

const PACE: Pace = {
  mode: "paused",
  limits: { downBytesPerSecond: null, upBytesPerSecond: null },
  untilMs: 5,
  next: "full",
  isOverride: false,
};

let document: MemoryDocument;
let told: Settings[];
let override: (PaceMode | null)[];
let passwords: (string | null)[];
let calls: ReturnType<typeof settingsCalls>;

beforeEach(() => {
  document = new MemoryDocument();
  const settings = new SettingsBook(document, "/home/ada");
  told = [];
  settings.onChange((changed) => told.push(changed));
  override = [];
  passwords = [];
  const mayRead = async (path: string) => {
    if (path.startsWith("/secret")) throw new LonghaulError("path-denied", path);
  };
  const keepProxyPassword = async (given: string | null) => void passwords.push(given);
  calls = settingsCalls(
    { settings, keepProxyPassword, mayRead },
    {
      now: () => PACE,
      override: (mode) => void override.push(mode),
    },
  );
});

describe("settings", () => {
  it("change where they are given, at once, and are kept", async () => {
    const before = await calls["settings.get"](null);
    await calls["settings.set"]({ theme: "dark", maxUploads: 7 });
    const after = { ...before, theme: "dark", maxUploads: 7 };
    expect(await calls["settings.get"](null)).toEqual(after);
    expect(told).toEqual([after]);
    expect(new SettingsBook(document, "/home/ada").get()).toEqual(after);
  });

  it("stay as they are for what is given as undefined", async () => {
    await calls["settings.set"]({ theme: "dark" });
    await calls["settings.set"]({ theme: undefined, maxDownloads: 1 });
    expect(await calls["settings.get"](null)).toMatchObject({ theme: "dark", maxDownloads: 1 });
  });

  it("are told of once, and not when nothing changed", async () => {
    await calls["settings.set"]({ theme: "dark" });
    await calls["settings.set"]({ theme: "dark" });
    await calls["settings.set"]({});
    expect(told.length).toBe(1);
  });
});

describe("limits", () => {
  it("are settings like others", async () => {
    const limits = { downBytesPerSecond: 1_000_000, upBytesPerSecond: null };
    expect(await calls["limit.set"](limits)).toBeNull();
    expect(await calls["settings.get"](null)).toMatchObject({ limits });
    expect(told).toMatchObject([{ limits }]);
  });

  it("are lifted by null", async () => {
    await calls["limit.set"]({ downBytesPerSecond: 5000, upBytesPerSecond: 5000 });
    const none = { downBytesPerSecond: null, upBytesPerSecond: null };
    await calls["limit.set"](none);
    expect((await calls["settings.get"](null)).limits).toEqual(none);
  });
});

describe("the pace", () => {
  it("of now is asked for, and another holds until it changes", async () => {
    expect(await calls["limit.now"](null)).toEqual(PACE);
    await calls["limit.override"]({ mode: "full" });
    await calls["limit.override"]({ mode: null });
    expect(override).toEqual(["full", null]);
  });
});

it("a proxy's password goes in, is kept apart, and never comes out", async () => {
  await calls["settings.proxyPassword"]({ password: "canary" });
  await calls["settings.proxyPassword"]({ password: null });
  expect(passwords).toEqual(["canary", null]);
  expect(JSON.stringify([await calls["settings.get"](null), document.sections])).not.toMatch(
    /canary/,
  );
});

it("a proxy's password is forgotten with the server or the user name that it was given for", async () => {
  const manual = { kind: "manual", url: "http://a:3128", userName: "mira", bypass: "" } as const;
  const use = async (proxy: Settings["network"]["proxy"]) =>
    await calls["settings.set"]({ network: { ...DEFAULT_NETWORK, proxy } });
  await use(manual);
  await calls["settings.proxyPassword"]({ password: "canary" });
  await use({ ...manual, bypass: "*.lab.example" });
  expect(passwords).toEqual(["canary"]);
  await use({ ...manual, url: "http://b:3128" });
  expect(passwords).toEqual(["canary", null]);
  await use({ ...manual, url: "http://b:3128", userName: "noa" });
  await use({ kind: "system" });
  await use(manual);
  expect(passwords).toEqual(["canary", null, null, null]);
});

it("name no file of certificates that the caller may not read, and keep the one that is there", async () => {
  const network = { ...DEFAULT_NETWORK, caFile: "/secret/ca.pem" };
  await expect(calls["settings.set"]({ network })).rejects.toMatchObject({ code: "path-denied" });
  expect((await calls["settings.get"](null)).network.caFile).toBeNull();
  await calls["settings.set"]({ network: { ...network, caFile: "/open/ca.pem" } });
  await calls["settings.set"]({ network: { ...network, caFile: "/open/ca.pem", connections: 5 } });
  expect((await calls["settings.get"](null)).network.connections).toBe(5);
});
