import { afterAll, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput } from "#shared/fault-script.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";

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

it("N4 response cut again and again, at random places: every byte is right at the end", async () => {
  const { key, sha256 } = await rig.seed(20 * MiB);
  const cuts = Array.from({ length: 40 }, (_, n): FaultRuleInput => ({
    on: { op: "GetObject" },
    fault: {
      kind: "break",
      how: n % 2 === 0 ? "close" : "reset",
      at: "response-body",
      afterBytes: (n * 245_489) % (600 * KiB),
    },
  }));
  await rig.script(...cuts);
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(await rig.used()).toEqual(cuts.map(() => 1));
});

it("N5 body without a length that ends early: is refused before a byte of it is written", async () => {
  const { key, sha256 } = await rig.seed(9 * MiB);
  await rig.script({ on: { op: "GetObject" }, fault: { kind: "unframed", afterBytes: 3 * MiB } });
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(rig.errors()).toEqual(["protocol"]);
  expect(rig.count({ op: "GetObject" })).toBe(2);
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

it("N7 206 with a Content-Range that is off by one: nothing of it is written, and it is asked again", async () => {
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script({ on: { op: "GetObject" }, fault: { kind: "shift-range", byBytes: 1 } });
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(rig.errors()).toEqual(["protocol"]);
  expect(rig.count({ op: "GetObject" })).toBe(3);
});

it("N7 206 with another total: the object changed, and the transfer waits for an answer", async () => {
  const { key } = await rig.seed(20 * MiB);
  await rig.script({
    on: { op: "GetObject", start: 16 * MiB },
    times: null,
    fault: { kind: "shift-range", totalBytes: 30 * MiB },
  });
  const { id, path } = await rig.download(key);
  const view = await rig.rest(id);
  expect(rig.requests({ op: "GetObject" }).length).toBeLessThanOrEqual(4);
  expect(view.state).toMatchObject({ error: { code: "object-changed" } });
  await expect(rig.fileSha256(path)).rejects.toThrow("ENOENT");
});

it("N8 416 to a range of the object that was asked for: the object changed, which is said", async () => {
  const { key } = await rig.seed(20 * MiB);
  await rig.script({
    on: { op: "GetObject", start: 16 * MiB },
    times: null,
    fault: { kind: "answer", status: 416, code: "InvalidRange" },
  });
  const { id, path } = await rig.download(key);
  expect((await rig.rest(id)).state).toMatchObject({ error: { code: "object-changed" } });
  await expect(rig.fileSha256(path)).rejects.toThrow("ENOENT");
});

it("N8 object that became shorter between two runs: that is said, and nothing of the old one is mixed into it", async () => {
  const { key } = await rig.seed(40 * MiB);
  await rig.script({
    on: { op: "GetObject" },
    times: null,
    fault: { kind: "ignore", headers: ["if-match"] },
  });
  await rig.client.call("limit.set", { upBytesPerSecond: null, downBytesPerSecond: 20 * MiB });
  const { id, path } = await rig.download(key);
  await rig.until(id, ({ doneBytes }) => doneBytes > 0);
  await rig.stop();
  const shorter = rig.bytes(100);
  await rig.put(key, shorter);
  await rig.start();
  await rig.client.call("limit.set", { upBytesPerSecond: null, downBytesPerSecond: null });
  const error = { code: "object-changed" };
  expect((await rig.rest(id)).state).toMatchObject({ cause: "object-changed", error });
  await expect(rig.fileSha256(path)).rejects.toThrow("ENOENT");
  await rig.client.call("transfer.resume", { id });
  const done = await rig.until(id, ({ state }) => state.phase === "done");
  expect(done).toMatchObject({ totalBytes: 100, doneBytes: 100 });
  expect(await rig.fileSha256(path)).toBe(sha256Of(shorter));
});

it("N9 answer that a proxy compressed: is not taken for the object's bytes", async () => {
  const { key, sha256 } = await rig.seed(9 * MiB);
  await rig.script({
    on: { op: "GetObject" },
    fault: { kind: "alter", headers: { "content-encoding": "gzip" } },
  });
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(rig.errors()).toEqual(["protocol"]);
});
