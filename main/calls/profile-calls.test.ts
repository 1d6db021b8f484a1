import { describe, expect, it, vi } from "vitest";
import type { CallInput } from "#shared/contract.ts";
import type { Profile } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import { LonghaulError } from "#shared/errors.ts";
import { credentialsOf } from "../profiles/credentials.ts";
import { aProfile, MemoryDocument, MemorySecrets } from "../profiles/fakes.ts";
import { ProfileBook } from "../profiles/profile-book.ts";
import { testProfile } from "../stores/open-store.ts";
import type { StorePorts } from "../stores/open-store.ts";
import { ManualClock } from "./calls-rig.ts";
import { profileCalls } from "./profile-calls.ts";
import { StoreShelf } from "./store-shelf.ts";

vi.mock(import("../stores/open-store.ts"), async (original) => ({
  ...(await original()),
  testProfile: vi.fn(),
}));

const never = new AbortController().signal;
const lab = ProfileId.parse("lab");
const SECRET = { secretAccessKey: "canary-secret", sessionToken: "canary-token" };

class Rig {
  readonly secrets = new MemorySecrets();
  readonly document = new MemoryDocument();
  readonly profiles = new ProfileBook(this.document, this.secrets);
  readonly used = new Set<ProfileId>();
  /** What others were told of, in order. */
  readonly saved: ProfileId[] = [];
  readonly clock = new ManualClock();
  readonly stores: StorePorts = {
    credentials: (profile) =>
      credentialsOf(profile, { secrets: this.secrets, clock: this.clock, environment: {} }),
    practice: () => Promise.reject(new LonghaulError("internal", "no practice here")),
    clock: this.clock,
  };
  readonly shelf = new StoreShelf({
    stores: this.stores,
    connections: () => 8,
    findProfile: (id) => this.profiles.find(id),
    onOpened: async () => undefined,
  });
  readonly calls = profileCalls({
    mayRead: async () => undefined,
    profiles: this.profiles,
    stores: this.stores,
    shelf: this.shelf,
    isInUse: (id) => this.used.has(id),
    views: async () => this.profiles.list().map((profile) => ({ profile, problem: null })),
    onSaved: async (id) => void this.saved.push(id),
  });

  /** The keys that a test of the profile would sign with, or why there are none. */
  async triedWith(profile: Profile, secret: CallInput<"profile.test">["secret"] = null) {
    const step = { step: "reach", outcome: "passed", found: "", error: null, tookMs: 1 } as const;
    vi.mocked(testProfile).mockImplementation(async function* () {
      yield step;
    });
    const steps = await this.calls["profile.test"]({ profile, secret, tryWrite: true });
    expect(steps).toEqual([step]);
    const [tried, options, ports] = vi.mocked(testProfile).mock.lastCall ?? [];
    expect([tried, options]).toEqual([profile, { tryWrite: true }]);
    return await ports?.credentials(profile).get(never);
  }
}

describe("a saved profile", () => {
  it("keeps its secret where only this host reads it", async () => {
    const { calls, secrets, document } = new Rig();
    await calls["profile.save"]({ profile: aProfile(), secret: SECRET });
    expect(secrets.kept.get(lab)).toEqual(SECRET);
    const told = JSON.stringify([await calls["profile.list"](null), document.sections]);
    expect(told).toContain("lab-key");
    expect(told).not.toContain("canary");
  });

  it("is opened anew, also when its secret could not be kept", async () => {
    const { calls, shelf, secrets } = new Rig();
    await calls["profile.save"]({ profile: aProfile(), secret: SECRET });
    const first = await shelf.open(lab, "a", never);
    await calls["profile.save"]({ profile: aProfile({ region: "eu-west-1" }), secret: null });
    const second = await shelf.open(lab, "a", never);
    expect(second.store).not.toBe(first.store);
    vi.spyOn(secrets, "set").mockRejectedValue(new LonghaulError("disk-full", "no room"));
    const moved = aProfile({ endpoint: { kind: "url", url: "https://other.lab" } });
    const saving = calls["profile.save"]({ profile: moved, secret: SECRET });
    await expect(saving).rejects.toMatchObject({ code: "disk-full" });
    expect((await shelf.open(lab, "a", never)).store).not.toBe(second.store);
  });

  it("needs a name of its own", async () => {
    const { calls, secrets } = new Rig();
    await calls["profile.save"]({ profile: aProfile(), secret: SECRET });
    const other = aProfile({ id: ProfileId.parse("other") });
    const saving = calls["profile.save"]({ profile: other, secret: SECRET });
    await expect(saving).rejects.toMatchObject({ code: "invalid" });
    expect([...secrets.kept.keys()]).toEqual([lab]);
  });
});

describe("a removed profile", () => {
  it("leaves neither a secret nor an open store", async () => {
    const { calls, shelf, secrets, profiles } = new Rig();
    await calls["profile.save"]({ profile: aProfile(), secret: SECRET });
    await shelf.open(lab, "a", never);
    await calls["profile.remove"]({ id: lab });
    expect([profiles.list(), secrets.kept.size]).toEqual([[], 0]);
    await expect(shelf.open(lab, "a", never)).rejects.toMatchObject({ code: "profile-missing" });
  });

  it("is none while unfinished transfers use it, and the refusal names it", async () => {
    const { calls, used, secrets, profiles } = new Rig();
    await calls["profile.save"]({ profile: aProfile(), secret: SECRET });
    used.add(lab);
    const details = { profile: "Lab" };
    const removing = calls["profile.remove"]({ id: lab });
    await expect(removing).rejects.toMatchObject({ code: "invalid", details });
    expect([profiles.list().length, secrets.kept.size]).toEqual([1, 1]);
    used.clear();
    await calls["profile.remove"]({ id: lab });
    expect(profiles.list()).toEqual([]);
  });

  it("may be gone already", async () => {
    expect(await new Rig().calls["profile.remove"]({ id: lab })).toBeNull();
  });
});

describe("a profile that is tried", () => {
  const KEPT = { accessKeyId: "lab-key", secretAccessKey: "canary-secret" };

  it("signs with the keys that were typed, and keeps none of it", async () => {
    const rig = new Rig();
    const keys = await rig.triedWith(aProfile(), { secretAccessKey: "typed" });
    expect(keys).toEqual({
      accessKeyId: "lab-key",
      secretAccessKey: "typed",
      sessionToken: null,
      expiresAtMs: null,
    });
    expect([rig.profiles.list(), rig.secrets.deeds]).toEqual([[], []]);
  });

  it("signs with the typed session token, too", async () => {
    expect(await new Rig().triedWith(aProfile(), SECRET)).toMatchObject({
      sessionToken: "canary-token",
    });
  });

  it("signs with the kept secret when none was typed, whatever its name is now", async () => {
    const rig = new Rig();
    await rig.profiles.save(aProfile(), SECRET);
    expect(await rig.triedWith(aProfile({ name: "Renamed", region: "x" }))).toMatchObject(KEPT);
  });

  it.each([
    ["another server", { endpoint: { kind: "url", url: "https://evil.example" } }],
    ["AWS", { endpoint: { kind: "aws" } }],
    ["another key", { credentials: { kind: "stored", accessKeyId: "other" } }],
  ] as const)("does not take the kept secret to %s", async (_where, change) => {
    const rig = new Rig();
    await rig.profiles.save(aProfile(), SECRET);
    const trying = rig.triedWith(aProfile(change));
    await expect(trying).rejects.toMatchObject({ code: "credentials-missing" });
    expect(rig.secrets.kept.get(lab)).toEqual(SECRET);
  });

  it("says that there is no secret when it was never saved", async () => {
    const trying = new Rig().triedWith(aProfile());
    await expect(trying).rejects.toMatchObject({ code: "credentials-missing" });
  });

  it("asks for no keys where it is anonymous, whatever was typed", async () => {
    const anonymous = aProfile({ credentials: { kind: "anonymous" } });
    const rig = new Rig();
    expect(await rig.triedWith(anonymous)).toBeNull();
    expect(await rig.triedWith(anonymous, SECRET)).toBeNull();
  });

  it("fails as a whole where there is not even a place to try", async () => {
    const rig = new Rig();
    // A generator that fails at once yields nothing.
    vi.mocked(testProfile).mockImplementation(() => {
      throw new LonghaulError("invalid", "no such endpoint");
    });
    const profile = aProfile();
    const trying = rig.calls["profile.test"]({ profile, secret: null, tryWrite: false });
    await expect(trying).rejects.toMatchObject({ code: "invalid" });
  });
});
