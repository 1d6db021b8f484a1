import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import type { TransferId } from "#shared/transfer.ts";
import { aProfile } from "../profiles/fakes.ts";
import { anUploadSpec } from "../transfers/fixtures.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import { newRecord } from "../transfers/transfer-record.ts";
import type { TransferState } from "../transfers/transfer-state.ts";
import { ManualClock } from "./calls-rig.ts";
import { KeyWatch } from "./key-watch.ts";

const lab = ProfileId.parse("lab");
const WAITS: TransferState = { phase: "paused", cause: "credentials", sinceMs: 0, error: null };
const BY_HAND: TransferState = { phase: "paused", cause: "user", sinceMs: 0, error: null };

function record(number: number, profileId: string, state: TransferState): TransferRecord {
  const destination = { profileId: ProfileId.parse(profileId), bucket: "b", prefix: "" };
  const id = aTransferId(number);
  const spec = anUploadSpec({ destination });
  return { ...newRecord(id, spec, "a", { position: number, wallMs: 0 }), state };
}

async function rig() {
  const clock = new ManualClock();
  const asked: number[] = [];
  const released: TransferId[] = [];
  let records = [
    record(1, "lab", WAITS),
    record(2, "lab", BY_HAND),
    record(3, "lab", WAITS),
    record(4, "home", WAITS),
  ];
  const others = new Set<string>();
  const watch = new KeyWatch({
    book: { list: () => records },
    desk: {
      letGo: async (id) => {
        released.push(id);
        records = records.filter((one) => one.id !== id);
      },
    },
    keys: {
      hasOthers: async ({ id }) => {
        if (id === lab) asked.push(clock.nowMs() / 1000);
        return others.has(id);
      },
    },
    findProfile: (id) => aProfile({ id }),
    clock,
  });
  const end = new AbortController();
  const ended = watch.run(end.signal);
  const pass = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 10) await clock.advance(10_000);
  };
  await clock.advance(0);
  return {
    watch,
    asked,
    released,
    others,
    pass,
    end: async () => {
      end.abort();
      await ended;
    },
  };
}

it("lets all that wait for a profile go on once it has other keys, and nothing else", async () => {
  const { released, others, pass, end } = await rig();
  await pass(10);
  expect(released).toEqual([]);
  others.add("lab");
  await pass(20);
  expect(released).toEqual([aTransferId(1), aTransferId(3)]);
  await end();
});

it("asks once for all that wait, and less and less often", async () => {
  const { asked, pass, end } = await rig();
  await pass(1000);
  expect(asked).toEqual([0, 10, 30, 70, 150, 310, 610, 910]);
  await end();
});

it("needs no look where a person saved the profile", async () => {
  const { watch, released, end } = await rig();
  await watch.answered(lab);
  expect(released).toEqual([aTransferId(1), aTransferId(3)]);
  await end();
});
