import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Client } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import { ProfileId } from "#shared/profile.ts";
import { MINUTES_PER_WEEK, minuteOfWeek, tidyWeek } from "#shared/week.ts";
import { MiB } from "./bytes/sizes.ts";
import { machineZone } from "./disk/machine-zone.ts";
import { EngineRig, isAtRest, untilView } from "./engine-rig.ts";

let rig: EngineRig;
let client: Client;
beforeEach(async () => {
  rig = await EngineRig.open();
  client = await rig.start();
});
afterEach(() => rig.close());

async function upload(name: string, sizeBytes: number) {
  const path = join(rig.folder, name);
  await writeFile(path, Buffer.alloc(sizeBytes, name));
  const destination = { profileId: ProfileId.parse("lab"), bucket: "lab", prefix: "" };
  return (await client.call("transfer.upload", { sources: [{ path }], destination })).id;
}

it("E8 a week that pauses now stops what runs, and lifting it goes on by itself", async () => {
  const modes: string[] = [];
  client.onEvent((event: HostEvent) => {
    if (event.type === "pace") modes.push(event.pace.mode);
  });
  // Long enough under way that the pause meets it, however late this process is woken.
  await client.call("limit.set", { downBytesPerSecond: null, upBytesPerSecond: MiB });
  const id = await upload("large.bin", 12 * MiB);
  await untilView(client, id, ({ state, inFlightBytes }) => {
    return state.phase === "running" && inFlightBytes > 0;
  });
  await client.call("settings.set", { week: [{ atMinute: 0, mode: "paused" }] });
  const held = await untilView(client, id, ({ state }) => state.phase === "queued");
  expect(held.state).toEqual({ phase: "queued", cause: "schedule" });
  expect(await client.call("limit.now", null)).toMatchObject({ mode: "paused", untilMs: null });

  await client.call("settings.set", { week: [{ atMinute: 0, mode: "full" }] });
  const done = await untilView(client, id, isAtRest);
  expect(done.state.phase).toBe("done");
  expect(modes).toEqual(["limited", "paused", "full"]);
});

it("what is started now moves in paused hours, the rest waits", async () => {
  await client.call("settings.set", { week: [{ atMinute: 0, mode: "paused" }] });
  const [held, id] = [await upload("held.bin", 5), await upload("now.bin", 5)];
  await client.call("transfer.resume", { id });
  expect((await untilView(client, id, isAtRest)).state.phase).toBe("done");
  const waiting = await untilView(client, held, () => true);
  expect(waiting.state).toEqual({ phase: "queued", cause: "schedule" });
});

it("E8 a transfer's own cap holds beside the limits, changes at once, and outlives a restart", async () => {
  const id = await upload("large.bin", 12 * MiB);
  await client.call("transfer.cap", { id, bytesPerSecond: 512 * 1024 });
  await untilView(client, id, ({ bytesPerSecond }) => bytesPerSecond > 0);
  await rig.stop();
  client = await rig.start();
  const running = await untilView(client, id, ({ state, bytesPerSecond }) => {
    return state.phase === "running" && bytesPerSecond > 0;
  });
  expect(running.capBytesPerSecond).toBe(512 * 1024);
  expect(running.bytesPerSecond).toBeLessThan(1.5 * 512 * 1024);
  expect(running.doneBytes).toBeLessThan(12 * MiB);
  await client.call("transfer.cap", { id, bytesPerSecond: null });
  const done = await untilView(client, id, isAtRest);
  expect(done).toMatchObject({ state: { phase: "done" }, capBytesPerSecond: null });
});

it("E10 transfer with a low cap of its own: it leaves connections and memory to the others", async () => {
  const path = join(rig.folder, "large.bin");
  await writeFile(path, "");
  await truncate(path, 400 * MiB);
  const destination = { profileId: ProfileId.parse("lab"), bucket: "lab", prefix: "" };
  const request = { sources: [{ path }], destination, partSizeBytes: 16 * MiB };
  const { id } = await client.call("transfer.upload", request);
  await client.call("transfer.cap", { id, bytesPerSecond: 200 * 1024 });
  await untilView(client, id, ({ inFlightBytes }) => inFlightBytes > 0);
  const other = await upload("other.bin", 30 * MiB);
  expect((await untilView(client, other, isAtRest)).state.phase).toBe("done");
  const held = await untilView(client, id, () => true);
  expect(held).toMatchObject({ state: { phase: "running" }, doneBytes: 0 });
  await client.call("transfer.cancel", { id, keepParts: false });
});

it("E8 a profile's cap is shared by all its transfers, and changes at once when it is saved", async () => {
  const cap = MiB;
  const profiles = await client.call("profile.list", null);
  const view = profiles.find(({ profile }) => profile.id === "lab");
  if (!view) throw new Error("there is no profile");
  const save = async (upBytesPerSecond: number | null) => {
    const limits = { downBytesPerSecond: null, upBytesPerSecond };
    await client.call("profile.save", { profile: { ...view.profile, limits }, secret: null });
  };
  await save(cap);
  const ids = [await upload("one.bin", 12 * MiB), await upload("two.bin", 12 * MiB)];
  const rates = async () => {
    const views = await client.call("transfer.list", null);
    return ids.map((id) => views.find((one) => one.id === id)?.bytesPerSecond ?? 0);
  };
  await expect
    .poll(async () => Math.min(...(await rates())), { timeout: 10_000 })
    .toBeGreaterThan(0);
  const [one = 0, two = 0] = await rates();
  expect(one + two).toBeLessThan(1.6 * cap);
  await save(null);
  for (const id of ids) {
    expect((await untilView(client, id, isAtRest)).state.phase).toBe("done");
  }
});

it("E8 time left is told over the week: what pauses soon is waited out", async () => {
  await client.call("limit.set", { downBytesPerSecond: null, upBytesPerSecond: 8 * MiB });
  const path = join(rig.folder, "large.bin");
  await writeFile(path, "");
  await truncate(path, 2048 * MiB);
  const destination = { profileId: ProfileId.parse("lab"), bucket: "lab", prefix: "" };
  const request = { sources: [{ path }], destination, partSizeBytes: 5 * MiB };
  const { id } = await client.call("transfer.upload", request);
  const plain = await untilView(client, id, ({ secondsLeft }) => secondsLeft !== null);
  expect(plain.secondsLeft).toBeLessThan(1200);
  // It takes four minutes. From two minutes on it is paused for three hours.
  const minute = minuteOfWeek(Date.now(), machineZone());
  const at = (later: number) => (minute + later) % MINUTES_PER_WEEK;
  const week = tidyWeek([
    { atMinute: at(2), mode: "paused" },
    { atMinute: at(182), mode: "limited" },
  ]);
  await client.call("settings.set", { week: [...week] });
  const over = await untilView(client, id, ({ secondsLeft }) => (secondsLeft ?? 0) > 3 * 3600);
  expect(over.secondsLeft).toBeLessThan(3 * 3600 + 1200);
  await client.call("transfer.cancel", { id, keepParts: false });
});
