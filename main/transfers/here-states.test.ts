import { afterEach, beforeEach, expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { MiB } from "../bytes/sizes.ts";
import { variedBytes } from "../parts/fake-rig.ts";
import { hereStates } from "./here-states.ts";
import { Gate, ORIGIN, RunRig } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(() => rig.close());

async function stateOf(object: { key: string; etag: string; sizeBytes: number }) {
  const place = { profileId: ProfileId.parse("lab"), bucket: "models", origin: ORIGIN };
  const { journal, book } = rig;
  const signal = new AbortController().signal;
  const [state] = await hereStates([object], place, { journal, book }, signal);
  return state;
}

it("says how far a download is that rests, and that it is here when it is over", async () => {
  rig.rangeBytes = 4 * MiB;
  rig.slots.setLimit(1);
  const object = rig.store.seed("large.bin", variedBytes(20 * MiB), 4 * MiB);
  const gate = new Gate();
  rig.store.before = async (call, attempt) => {
    const isThird = rig.store.calls.filter((made) => made.startsWith("get")).length === 3;
    if (call.startsWith("get") && isThird && attempt === 1) await gate.pass();
  };
  expect(await stateOf(object)).toMatchObject({ state: "no" });
  const id = await rig.download({ keys: ["large.bin"] });
  await gate.reached;
  const pausing = rig.desk.pause(id);
  await rig.until(id, ({ state }) => state.phase === "paused");
  gate.open();
  await pausing;
  const part = await stateOf(object);
  expect(part).toMatchObject({ state: "part", path: null });
  expect(part?.doneBytes).toBeGreaterThanOrEqual(8 * MiB);
  expect(await stateOf({ ...object, etag: '"other"' })).toMatchObject({ state: "no" });
  rig.store.before = () => undefined;
  await rig.desk.resume(id);
  await rig.rest(id);
  const path = rig.path("down/large.bin");
  expect(await stateOf(object)).toEqual({ state: "here", doneBytes: 20 * MiB, path });
});
