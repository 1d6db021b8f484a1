import { afterAll, beforeAll, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open();
}, 60_000);

afterAll(async () => {
  await rig.close();
});

it("N4 response cut in the middle of its body: keeps what came and asks for the rest alone", async () => {
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script({
    on: { op: "GetObject", start: 0 },
    fault: { kind: "break", how: "close", at: "response-body", afterBytes: 5 * MiB },
  });
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" }, rung: "part-sha256" });
  expect(await rig.fileSha256(path)).toBe(sha256);
  const ranges = rig.requests({ op: "GetObject" }).map(({ range }) => range);
  expect(new Set(ranges)).toEqual(new Set(["0-16777216", "16777216-20971520", "5242880-16777216"]));
  expect(ranges).toHaveLength(3);
});

it("N6 200 to a request for a range: writes nothing of it where it does not belong", async () => {
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script({
    on: { op: "GetObject", start: 16 * MiB },
    fault: { kind: "ignore", headers: ["range"] },
  });
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(rig.errors()).toEqual(["protocol"]);
  expect(rig.count({ op: "GetObject" })).toBe(3);
});
