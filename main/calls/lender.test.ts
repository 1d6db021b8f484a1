import type { LentProfile } from "#shared/local-protocol.ts";
import type { Profile } from "#shared/profile.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import type { TransferState } from "../transfers/transfer-state.ts";
import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { LentProfiles } from "../profiles/lent-profiles.ts";
import { Lender } from "./lender.ts";

const id = ProfileId.parse("command-line-1");
const lending: LentProfile = {
  profile: { id, name: "AWS", credentials: { kind: "environment" } } as Profile,
  keys: { accessKeyId: "AK", secretAccessKey: "s", sessionToken: null, expiresAtMs: null },
};

function open(states: Record<string, TransferState> = {}) {
  const lent = new LentProfiles({
    saved: { find: () => undefined },
    clock: new FakeClock(),
    hide: () => {},
  });
  const resumed: string[] = [];
  const takenUp: string[] = [];
  const forgotten: string[] = [];
  const rig = { isInUse: false };
  const lender = new Lender({
    lent,
    shelf: { forget: (profileId) => void forgotten.push(profileId) },
    book: {
      upcoming: () =>
        Object.entries(states).map(([name, state]) => ({ id: name, state }) as TransferRecord),
    },
    desk: {
      resume: async (transferId) => void resumed.push(transferId),
      takeUp: (transferId) => void takenUp.push(transferId),
    },
    isInUse: () => rig.isInUse,
  });
  return { lender, lent, resumed, takenUp, forgotten, rig };
}

it("lets go of keys as soon as they are given back and nothing uses them", async () => {
  const { lender, lent, forgotten } = open();
  const giveBack = await lender.lend([lending], []);
  expect(lent.find(id)).toBe(lending.profile);
  giveBack();
  giveBack();
  expect(lent.find(id)).toBe(undefined);
  expect(forgotten).toEqual([id, id]);
});

it("keeps keys that were given back until what uses them has settled", async () => {
  const { lender, lent, rig } = open();
  rig.isInUse = true;
  const giveBack = await lender.lend([lending], []);
  giveBack();
  expect(lent.find(id)).toBe(lending.profile);
  rig.isInUse = false;
  lender.sweep();
  expect(lent.find(id)).toBe(undefined);
});

it("goes on with what missed the profile between two owners, and with nothing else", async () => {
  const error = { code: "profile-missing", message: "", details: {} } as const;
  const missed: TransferState = { phase: "failed", atMs: 0, error };
  const { lender, resumed } = open({
    missed,
    another: missed,
    paused: { phase: "paused", cause: "user", sinceMs: 0, error: null },
    broken: { phase: "failed", atMs: 0, error: { ...error, code: "corrupt" } },
    keyless: { phase: "paused", cause: "credentials", sinceMs: 0, error: null },
  });
  const started = ["missed", "paused", "broken", "keyless"] as TransferId[];
  await lender.lend([lending], started);
  expect(resumed).toEqual(["missed", "keyless"]);
});

it("keeps nothing when one of several cannot be lent", async () => {
  const { lender, lent } = open();
  const other = { ...lending, keys: null };
  await expect(lender.lend([lending, other], [])).rejects.toMatchObject({ code: "invalid" });
  expect(lent.find(id)).toBe(undefined);
});

it("takes up what its process started under another owner, and leaves the rest alone", async () => {
  const { lender, resumed, takenUp } = open({
    waiting: { phase: "queued" },
    another: { phase: "queued" },
  });
  await lender.lend([], ["waiting" as TransferId]);
  expect([takenUp, resumed]).toEqual([["waiting"], []]);
});
