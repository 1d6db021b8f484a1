import { afterEach, describe, expect, it, vi } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { Profile } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import { fixedCredentials } from "../profiles/credentials.ts";
import { aProfile } from "../profiles/fakes.ts";
import type { PracticePlace } from "../stores/open-store.ts";
import { ManualClock, settle } from "./calls-rig.ts";
import { StoreShelf } from "./store-shelf.ts";

const never = new AbortController().signal;
const lab = ProfileId.parse("lab");
const toy = ProfileId.parse("toy");
const practice = { kind: "practice", folder: "/toys" } as const;

const PLACE: PracticePlace = {
  endpoint: "http://127.0.0.1:40123",
  region: "us-east-1",
  credentials: { accessKeyId: "A", secretAccessKey: "S", sessionToken: null, expiresAtMs: null },
};

afterEach(() => vi.restoreAllMocks());

class Rig {
  readonly profiles = new Map<ProfileId, Profile>([
    [lab, aProfile({ id: lab, partSizeBytes: 8 * 1024 * 1024 })],
    [toy, aProfile({ id: toy, name: "Toy", endpoint: practice })],
  ]);
  readonly opened: string[] = [];
  startCount = 0;
  start: (signal: AbortSignal) => Promise<PracticePlace> = async () => PLACE;
  welcome: (signal: AbortSignal) => Promise<void> = async () => undefined;
  readonly shelf = new StoreShelf({
    stores: {
      credentials: () => fixedCredentials(null),
      practice: async (_folder, signal) => {
        this.startCount += 1;
        return await this.start(signal);
      },
      clock: new ManualClock(),
    },
    connections: () => 50,
    findProfile: (id) => this.profiles.get(id),
    onOpened: async ({ profile, bucket }, signal) => {
      this.opened.push(`${profile.name} ${bucket}`);
      await this.welcome(signal);
    },
  });
}

describe("an open store", () => {
  it("is one for each bucket, also when two ask at once", async () => {
    const { shelf, opened } = new Rig();
    const [a, again] = await Promise.all([
      shelf.open(lab, "a", never),
      shelf.open(lab, "a", never),
    ]);
    const b = await shelf.open(lab, "b", never);
    expect(again).toBe(a);
    expect((await shelf.open(lab, "a", never)).store).toBe(a.store);
    expect(b.store).not.toBe(a.store);
    expect(opened).toEqual(["Lab a", "Lab b"]);
  });

  it("shares its slots with the profile's other buckets, and with no other profile", async () => {
    const { shelf } = new Rig();
    const [a, b] = [await shelf.open(lab, "a", never), await shelf.open(lab, "b", never)];
    const other = await shelf.open(toy, "a", never);
    expect(b.slots).toBe(a.slots);
    expect(other.slots).not.toBe(a.slots);
  });

  it.each([
    [null, 50],
    [4, 4],
    [256, 50],
  ])("of a profile with %j connections has %i slots", async (connections, count) => {
    const rig = new Rig();
    rig.profiles.set(lab, aProfile({ connections }));
    const { slots, ...opened } = await rig.shelf.open(lab, "a", never);
    expect(opened.connections).toBe(count);
    for (let taken = 0; taken < count; taken += 1) await slots.acquire(never);
    const leaving = new AbortController();
    const oneMore = slots.acquire(leaving.signal).then(
      () => "granted",
      () => "waited",
    );
    await settle();
    leaving.abort();
    expect(await oneMore).toBe("waited");
  });

  it("has its sockets renewed, also while a run still uses it and others get another", async () => {
    const { shelf } = new Rig();
    const { store } = await shelf.open(lab, "a", never);
    const renewed = vi.spyOn(store, "renew");
    shelf.forgetAll();
    const after = await shelf.open(lab, "a", never);
    expect(after.store).not.toBe(store);
    const renewedAfter = vi.spyOn(after.store, "renew");
    shelf.renew(["10.0.0.7"]);
    for (const spy of [renewed, renewedAfter]) expect(spy.mock.calls).toEqual([[["10.0.0.7"]]]);
  });

  it("has the part size of its profile", async () => {
    const { shelf } = new Rig();
    expect((await shelf.open(lab, "a", never)).partSizeBytes).toBe(8 * 1024 * 1024);
    expect((await shelf.open(toy, "a", never)).partSizeBytes).toBeNull();
  });
});

describe("a store whose profile changed", () => {
  it("is opened anew, and then as it is now", async () => {
    const rig = new Rig();
    const before = await rig.shelf.open(lab, "a", never);
    rig.profiles.set(lab, aProfile({ connections: 2 }));
    expect(await rig.shelf.open(lab, "a", never)).toBe(before);
    rig.shelf.forget(lab);
    const after = await rig.shelf.open(lab, "a", never);
    expect(after.store).not.toBe(before.store);
    expect(after.connections).toBe(2);
  });

  it("is not kept when it was being opened meanwhile", async () => {
    const rig = new Rig();
    const gate = Promise.withResolvers<PracticePlace>();
    rig.start = () => gate.promise;
    const early = rig.shelf.open(toy, "a", never);
    rig.shelf.forget(toy);
    const late = rig.shelf.open(toy, "a", never);
    gate.resolve(PLACE);
    expect((await late).store).not.toBe((await early).store);
    expect(await rig.shelf.open(toy, "a", never)).toBe(await late);
  });
});

describe("a store that cannot be opened", () => {
  it("is of a profile that is not there", async () => {
    const opening = new Rig().shelf.open(ProfileId.parse("gone"), "a", never);
    const details = { profile: "gone" };
    await expect(opening).rejects.toMatchObject({ code: "profile-missing", details });
  });

  it("says why, and is tried again by the next who asks", async () => {
    const rig = new Rig();
    const failure = new LonghaulError("internal", "it did not start");
    rig.start = () => Promise.reject(failure);
    await expect(rig.shelf.open(toy, "a", never)).rejects.toBe(failure);
    rig.start = async () => PLACE;
    await expect(rig.shelf.open(toy, "a", never)).resolves.toMatchObject({ connections: 50 });
    expect(rig.startCount).toBe(2);
  });

  it("is tried again when only what comes after opening failed", async () => {
    const rig = new Rig();
    rig.welcome = () => Promise.reject(new LonghaulError("disk-full", "no room for samples"));
    await expect(rig.shelf.open(toy, "a", never)).rejects.toMatchObject({ code: "disk-full" });
    rig.welcome = async () => undefined;
    await rig.shelf.open(toy, "a", never);
    expect(rig.opened).toEqual(["Toy a", "Toy a"]);
  });

  it.each(["start", "welcome"] as const)(
    "is unreachable when its %s takes a minute, so that it is tried again, and no bug",
    async (stage) => {
      const deadline = new AbortController();
      vi.spyOn(AbortSignal, "timeout").mockReturnValue(deadline.signal);
      const rig = new Rig();
      rig[stage] = () => new Promise<never>(() => undefined);
      const opening = rig.shelf.open(toy, "a", never);
      opening.catch(() => undefined);
      await settle();
      deadline.abort(new DOMException("too late", "TimeoutError"));
      const details = { profile: "Toy" };
      await expect(opening).rejects.toMatchObject({ code: "unreachable", details });
    },
  );
});

describe("who does not want a store any more", () => {
  it("leaves at once, and the others get it", async () => {
    const rig = new Rig();
    const gate = Promise.withResolvers<PracticePlace>();
    rig.start = () => gate.promise;
    const controller = new AbortController();
    const leaving = rig.shelf.open(toy, "a", controller.signal);
    const staying = rig.shelf.open(toy, "a", never);
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ name: "AbortError" });
    gate.resolve(PLACE);
    expect((await staying).store).toBeDefined();
    expect(rig.startCount).toBe(1);
  });

  it("opens nothing when that was so from the beginning", async () => {
    const rig = new Rig();
    const opening = rig.shelf.open(toy, "a", AbortSignal.abort());
    await expect(opening).rejects.toMatchObject({ name: "AbortError" });
    expect(rig.startCount).toBe(0);
  });

  it("causes no unhandled rejection when opening then fails", async () => {
    const rig = new Rig();
    const gate = Promise.withResolvers<PracticePlace>();
    rig.start = () => gate.promise;
    const controller = new AbortController();
    const leaving = rig.shelf.open(toy, "a", controller.signal);
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ name: "AbortError" });
    // Vitest fails a run in which a rejection was not handled.
    gate.reject(new LonghaulError("internal", "it did not start"));
    await settle();
    rig.start = async () => PLACE;
    expect(await rig.shelf.open(toy, "a", never)).toBeDefined();
  });
});

describe("the buckets of a profile", () => {
  it("are its only one, without asking anybody", async () => {
    const rig = new Rig();
    rig.profiles.set(toy, aProfile({ id: toy, endpoint: practice, bucket: "only" }));
    expect(await rig.shelf.buckets(toy, never)).toEqual(["only"]);
    expect(rig.startCount).toBe(0);
  });

  it("are those of the profile as it is now", async () => {
    const rig = new Rig();
    rig.profiles.set(lab, aProfile({ bucket: "old" }));
    await rig.shelf.buckets(lab, never);
    rig.profiles.set(lab, aProfile({ bucket: "new" }));
    rig.shelf.forget(lab);
    expect(await rig.shelf.buckets(lab, never)).toEqual(["new"]);
  });

  it("are not those of a profile that is gone", async () => {
    const asking = new Rig().shelf.buckets(ProfileId.parse("gone"), never);
    await expect(asking).rejects.toMatchObject({ code: "profile-missing" });
  });
});
