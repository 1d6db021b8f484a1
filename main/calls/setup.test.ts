import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostEvent } from "#shared/contract.ts";
import { ProfileView } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import type { EngineHost, PracticeStore } from "../engine-host.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { FakeWire } from "../parts/fake-wire.ts";
import { aProfile, MemoryDocument, MemorySecrets } from "../profiles/fakes.ts";
import { aHost, aHostInfo, settle } from "./calls-rig.ts";
import { PRACTICE_ID } from "./practice.ts";
import { openSetup } from "./setup.ts";

const never = new AbortController().signal;
const SECRET = { secretAccessKey: "canary-secret" };
const lab = ProfileId.parse("lab");

let home: string;
let heard: HostEvent[];
let secrets: MemorySecrets;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-setup-"));
  heard = [];
  secrets = new MemorySecrets();
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function open(given: Partial<EngineHost> = {}) {
  const info = aHostInfo({ home, userFolder: "/home/ada" });
  const host = aHost({ info, secrets, ...given });
  const wire = new FakeWire(new FakeStore());
  return openSetup(host, { wire, emit: (event) => void heard.push(event) });
}

/** The views of the last event about profiles. */
function viewsTold(): readonly ProfileView[] {
  const events = heard.filter((event) => event.type === "profiles");
  return events.at(-1)?.profiles ?? [];
}

describe("the first start of a home", () => {
  it("has the practice bucket, which needs no keys", async () => {
    const setup = open();
    const views = await setup.profileViews();
    expect(views).toMatchObject([
      {
        profile: {
          id: PRACTICE_ID,
          name: "Practice bucket",
          endpoint: { kind: "practice", folder: join(home, "practice") },
        },
        problem: null,
      },
    ]);
    expect(ProfileView.parse(views[0])).toEqual(views[0]);
  });

  it("is another's to have when one command runs only its own", () => {
    expect(open({ runs: "own" }).profiles.list()).toEqual([]);
  });

  it("is over once a list was kept: who removed the practice bucket meant it", async () => {
    const document = new MemoryDocument();
    await open({ document }).profiles.remove(PRACTICE_ID);
    expect(open({ document }).profiles.list()).toEqual([]);
  });
});

describe("the view of a profile", () => {
  it("says that there is no secret for its key", async () => {
    const setup = open();
    setup.profiles.saveFirst(aProfile());
    const [, view] = await setup.profileViews();
    expect(view?.problem).toMatchObject({
      code: "credentials-missing",
      details: { profile: "Lab" },
    });
  });

  it("says that the secret cannot be read here, as the host says it", async () => {
    const unreadable = new LonghaulError("credentials-missing", "it is damaged", {
      details: { path: "/home/ada/secrets.json" },
    });
    vi.spyOn(secrets, "get").mockRejectedValue(unreadable);
    const setup = open();
    setup.profiles.saveFirst(aProfile());
    expect((await setup.profileViews())[1]?.problem).toEqual({
      code: "credentials-missing",
      message: "it is damaged",
      details: { path: "/home/ada/secrets.json" },
    });
  });

  it("says nothing against one with its secret, nor of it", async () => {
    const setup = open();
    await setup.profiles.save(aProfile(), SECRET);
    const views = await setup.profileViews();
    expect(views[1]?.problem).toBeNull();
    expect(JSON.stringify(views)).not.toContain("canary");
  });

  it.each([
    { kind: "environment" },
    { kind: "aws-profile", profileName: "work" },
    { kind: "anonymous" },
  ] as const)("asks no keychain about keys of kind $kind", async (credentials) => {
    const get = vi.spyOn(secrets, "get");
    const setup = open();
    setup.profiles.saveFirst(aProfile({ credentials }));
    expect((await setup.profileViews())[1]?.problem).toBeNull();
    expect(get).not.toHaveBeenCalled();
  });

  it("of one profile whose keychain fails does not cost the others theirs", async () => {
    vi.spyOn(secrets, "get").mockRejectedValue(new TypeError("a bug in the keychain"));
    const setup = open();
    setup.profiles.saveFirst(aProfile());
    expect(await setup.profileViews()).toMatchObject([
      { problem: null },
      { problem: { code: "internal" } },
    ]);
  });
});

describe("a change of profiles", () => {
  it("is told when the secret is kept, too", async () => {
    const setup = open();
    await settle();
    heard = [];
    await setup.profiles.save(aProfile(), SECRET);
    await settle();
    expect(heard.length).toBe(1);
    expect(viewsTold()).toMatchObject([{ problem: null }, { profile: { id: lab }, problem: null }]);
  });

  it("is told also when only the profile could be kept", async () => {
    vi.spyOn(secrets, "set").mockRejectedValue(new LonghaulError("disk-full", "no room"));
    const setup = open();
    await expect(setup.profiles.save(aProfile(), SECRET)).rejects.toThrow("no room");
    await settle();
    expect(viewsTold()[1]?.problem).toMatchObject({ code: "credentials-missing" });
  });

  it("is told last as it is last, however long a keychain takes", async () => {
    const slow = Promise.withResolvers<null>();
    vi.spyOn(secrets, "get").mockReturnValueOnce(slow.promise);
    const setup = open();
    await setup.profiles.save(aProfile(), null);
    await setup.profiles.remove(lab);
    await settle();
    slow.resolve(null);
    await settle();
    expect(viewsTold().map(({ profile }) => profile.id)).toEqual([PRACTICE_ID]);
  });
});

describe("settings", () => {
  it("are told when they change, and hold for the slots at once", () => {
    const setup = open();
    expect(setup.slotLimits()).toEqual({ upload: 3, download: 3 });
    setup.settings.set({ maxUploads: 1, maxDownloads: 9 });
    expect(setup.slotLimits()).toEqual({ upload: 1, download: 9 });
    expect(heard.at(-1)).toMatchObject({ type: "settings", settings: { maxUploads: 1 } });
  });
});

describe("the name of a profile", () => {
  it("is its id once it is gone: transfers outlive profiles", async () => {
    const setup = open();
    await setup.profiles.save(aProfile(), null);
    expect(setup.nameOf(lab)).toBe("Lab");
    await setup.profiles.remove(lab);
    expect(setup.nameOf(lab)).toBe("lab");
  });
});

describe("the home's folders", () => {
  it("are this user's alone, made once", async () => {
    const setup = open();
    await setup.prepareFolders();
    await setup.prepareFolders();
    expect(statSync(setup.incomingFolder).mode & 0o077).toBe(0);
  });

  it("have a file of no bytes, which stays so", async () => {
    const setup = open();
    const { path, sizeBytes } = await setup.emptyFile();
    expect([sizeBytes, readFileSync(path, "utf8")]).toEqual([0, ""]);
    expect((await setup.emptyFile()).path).toBe(path);
    writeFileSync(path, "somebody wrote here");
    expect((await setup.emptyFile()).sizeBytes).toBe(0);
  });
});

describe("the practice store", () => {
  function practice() {
    const folders: string[] = [];
    let stopCount = 0;
    const startPractice = async (folder: string): Promise<PracticeStore> => {
      folders.push(folder);
      return {
        endpoint: "http://127.0.0.1:40123",
        accessKeyId: "A",
        secretAccessKey: "S",
        stop: async () => void (stopCount += 1),
      };
    };
    return { folders, startPractice, stopped: () => stopCount };
  }

  it("is started when it is first used, once for each folder", async () => {
    const { folders, startPractice } = practice();
    const { stores } = open({ startPractice });
    expect(folders).toEqual([]);
    await Promise.all([stores.practice("/a", never), stores.practice("/a", never)]);
    const place = await stores.practice("/b", never);
    expect(folders).toEqual(["/a", "/b"]);
    expect(place).toMatchObject({
      endpoint: "http://127.0.0.1:40123",
      credentials: { accessKeyId: "A", secretAccessKey: "S", sessionToken: null },
    });
  });

  it("is tried again when it did not start", async () => {
    const { startPractice } = practice();
    const start = vi.fn(startPractice).mockRejectedValueOnce(new Error("no port"));
    const { stores } = open({ startPractice: start });
    await expect(stores.practice("/a", never)).rejects.toThrow("no port");
    await stores.practice("/a", never);
    expect(start).toHaveBeenCalledTimes(2);
  });

  it("is stopped at the end, and one that did not start is in nobody's way", async () => {
    const { startPractice, stopped } = practice();
    const start = vi.fn(startPractice).mockRejectedValueOnce(new Error("no port"));
    const setup = open({ startPractice: start });
    const failing = setup.stores.practice("/a", never).catch(() => "failed");
    await setup.stores.practice("/b", never);
    await setup.close();
    expect([await failing, stopped()]).toEqual(["failed", 1]);
  });
});
