import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { TransferId } from "#shared/transfer.ts";
import { MemoryDocument } from "../profiles/fakes.ts";
import { SettingsBook } from "../profiles/settings-book.ts";
import type { RecentPorts } from "./recents.ts";
import { recentFirst, rememberPlaces } from "./recents.ts";

const id = TransferId.parse("00000000-0000-4000-8000-000000000001");
const destination = { profileId: ProfileId.parse("lab"), bucket: "models", prefix: "runs/" };
const drop = { destination, name: "llama", onConflict: "ask" } as const;
const download = {
  profileId: destination.profileId,
  bucket: "models",
  keys: ["a.bin"],
  folder: { path: "/data/./models" },
  rename: null,
  contentsOnly: false,
  onConflict: "ask" as const,
  readBack: false,
  include: [],
  exclude: [],
  cache: false,
};

const started = async () => ({ id, isContinued: false });

function remembering(start = started, given: Partial<RecentPorts> = {}) {
  const settings = new SettingsBook(new MemoryDocument(), "/home/ada");
  const calls = { "transfer.upload": start, "transfer.drop": start, "transfer.download": start };
  const ports = {
    settings,
    resolve: async () => "/data/models",
    isKept: () => true,
    onTrouble: (error: unknown) => {
      throw error;
    },
    ...given,
  };
  return { settings, calls: rememberPlaces(calls, ports) };
}

describe("rememberPlaces", () => {
  it("keeps where an upload went, once, the newest first", async () => {
    const { settings, calls } = remembering(started);
    const other = { ...destination, prefix: "" };
    await calls["transfer.drop"](drop);
    await calls["transfer.drop"]({ ...drop, destination: other });
    await calls["transfer.drop"](drop);
    expect(settings.get().recentDestinations).toEqual([destination, other]);
  });

  it("keeps the folder of a download as the host knows it", async () => {
    const { settings, calls } = remembering(started);
    await calls["transfer.download"](download);
    expect(settings.get().recentFolders).toEqual(["/data/models"]);
  });

  it("starts a transfer whose place cannot be kept, and says so", async () => {
    const document = new MemoryDocument();
    document.write = () => {
      throw new Error("ENOSPC: no space left on device");
    };
    const troubles: string[] = [];
    const { calls } = remembering(started, {
      settings: new SettingsBook(document, "/home/ada"),
      onTrouble: (error) => void troubles.push(String(error)),
    });
    expect(await calls["transfer.drop"](drop)).toEqual({ id, isContinued: false });
    expect(troubles).toEqual(["Error: ENOSPC: no space left on device"]);
  });

  it("keeps no place of a profile that a command lent", async () => {
    const { settings, calls } = remembering(started, { isKept: () => false });
    await calls["transfer.drop"](drop);
    await calls["transfer.download"](download);
    expect(settings.get()).toMatchObject({ recentDestinations: [], recentFolders: [] });
  });

  it("keeps nothing of what did not start", async () => {
    const { settings, calls } = remembering(async () => {
      throw new LonghaulError("profile-missing", "no such profile");
    });
    await expect(calls["transfer.drop"](drop)).rejects.toThrow("no such profile");
    expect(settings.get().recentDestinations).toEqual([]);
  });
});

it("forgets the oldest beyond eight", () => {
  const eight = Array.from({ length: 8 }, (_, n) => n);
  expect(recentFirst(eight, 9)).toEqual([9, 0, 1, 2, 3, 4, 5, 6]);
});
