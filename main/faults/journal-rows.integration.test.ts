import { afterAll, beforeAll, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { ProfileId } from "#shared/profile.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";

let rig: FaultRig;
let isThrowing = false;
beforeAll(async () => {
  rig = await FaultRig.open({
    host: {
      onRetry: () => {
        if (isThrowing) throw new TypeError("a bug that nobody foresaw");
      },
    },
  });
});
afterAll(() => rig.close());

it("J10 exception in 1 of 50 transfers: that one fails, the others arrive, and it can be tried again", async () => {
  await rig.script({
    on: { op: "PutObject", key: "bug/17.bin" },
    times: null,
    fault: { kind: "answer", status: 503, code: "SlowDown" },
  });
  isThrowing = true;
  const bytes = Array.from({ length: 50 }, () => rig.bytes(40 * KiB));
  const started = await Promise.all(
    bytes.map(async (content, index) => {
      const path = join(rig.folder, `${index}.bin`);
      writeFileSync(path, content);
      const destination = { profileId: ProfileId.parse("lab"), bucket: "lab", prefix: "bug/" };
      return await rig.client.call("transfer.upload", { sources: [{ path }], destination });
    }),
  );
  const views = await Promise.all(started.map(({ id }) => rig.rest(id)));
  isThrowing = false;
  const failed = views.filter(({ state }) => state.phase !== "done");
  expect(failed.map(({ name, state }) => [name, state])).toEqual([
    ["17.bin", expect.objectContaining({ phase: "failed" })],
  ]);
  await rig.script();
  const id = failed[0]?.id ?? started[0]?.id;
  if (id === undefined) throw new Error("nothing was started");
  await rig.client.call("transfer.retry", { id });
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(await rig.storedSha256("bug/17.bin")).toBe(sha256Of(bytes[17] ?? Buffer.alloc(0)));
});

it("J4 journal corrupt: an older copy takes its place, waits for a word, and goes on with the parts it knows", async () => {
  // One of an earlier idle moment would not know this transfer.
  const journal = join(rig.folder, "journal.db");
  rmSync(`${journal}.copy-1`, { force: true });
  await rig.script({
    on: { op: "UploadPart", part: 4 },
    fault: { kind: "delay", ms: 20_000 },
  });
  const { id, key, sha256 } = await rig.upload(20 * MiB);
  await rig.until(id, ({ doneBytes }) => doneBytes === 15 * MiB);
  // The transfer waits for its last part, so the journal has an idle moment.
  await expect.poll(() => existsSync(`${journal}.copy-1`), { timeout: 20_000 }).toBe(true);
  await rig.stop();
  const bytes = readFileSync(journal);
  writeFileSync(journal, bytes.fill(0xee, 4096, 12_288));
  await rig.script();
  await rig.start();
  expect((await rig.rest(id)).state).toMatchObject({ phase: "paused", cause: "user" });
  const { log } = await rig.client.call("transfer.detail", { id });
  expect(log.at(-1)?.text).toContain("an older copy");
  expect(rig.requests()).toEqual([]);
  await rig.client.call("transfer.resume", { id });
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "UploadPart" })).toBe(1);
});

it("J4 journal lost without a copy: the same again moves anew, leaves the other upload alone and says where it is", async () => {
  await rig.script({ on: { op: "UploadPart", part: 4 }, fault: { kind: "delay", ms: 20_000 } });
  const { id, key, path, sha256 } = await rig.upload(20 * MiB);
  await rig.until(id, ({ doneBytes }) => doneBytes === 15 * MiB);
  const journal = join(rig.folder, "journal.db");
  await rig.stop();
  for (const age of [1, 2, 3]) rmSync(`${journal}.copy-${age}`, { force: true });
  writeFileSync(journal, readFileSync(journal).fill(0xee, 4096, 12_288));
  await rig.script();
  await rig.start();
  expect(await rig.client.call("transfer.list", null)).toEqual([]);
  const destination = { profileId: ProfileId.parse("lab"), bucket: "lab", prefix: "up/" };
  const again = await rig.client.call("transfer.upload", { sources: [{ path }], destination });
  await rig.until(again.id, ({ state }) => state.phase === "done");
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "UploadPart" })).toBe(4);
  const { Uploads = [] } = await rig.s3.send(
    new ListMultipartUploadsCommand({ Bucket: "lab", Prefix: key }),
  );
  const [left] = Uploads;
  expect(Uploads).toHaveLength(1);
  const { log } = await rig.client.call("transfer.detail", { id: again.id });
  expect(log.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(`another unfinished upload of ${key}.* its id is ${left?.UploadId}\\.`),
  );
});

it("J12 home copied to another machine: nothing moves until a person says so, and then it goes on", async () => {
  await rig.stop();
  await rig.start({ machineId: async () => "first" });
  await rig.script({
    on: { op: "UploadPart", part: 4 },
    fault: { kind: "delay", ms: 20_000 },
  });
  const { id, key, sha256 } = await rig.upload(20 * MiB);
  await rig.until(id, ({ doneBytes }) => doneBytes > 0);
  await rig.stop();
  await rig.script();
  await rig.start({ machineId: async () => "second" });
  const view = await rig.rest(id);
  expect(view.state).toMatchObject({ phase: "paused", cause: "user" });
  const { log } = await rig.client.call("transfer.detail", { id });
  expect(log.at(-1)?.text).toContain("came from another machine");
  expect(rig.requests()).toEqual([]);
  await rig.client.call("transfer.resume", { id });
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(await rig.storedSha256(key)).toBe(sha256);
  // The machine that it came to has it from now on.
  await rig.stop();
  await rig.start({ machineId: async () => "second" });
  const next = await rig.upload(6 * MiB);
  await rig.stop();
  await rig.start({ machineId: async () => "second" });
  expect(await rig.rest(next.id)).toMatchObject({ state: { phase: "done" } });
});
