import type { CallHandlers, HostEvent } from "#shared/contract.ts";
import type { EngineHost, IncomingDoor } from "../engine-host.ts";
import type { SharedEngine } from "./shared-engine.ts";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { UploadRequest } from "#shared/transfer-request.ts";
import { CONTRACT_VERSION } from "#shared/local-protocol.ts";
import { lockHome } from "../disk/home-lock.ts";
import { systemClock } from "../flow/clock.ts";
import { FakeOwnEngine, fakeHost } from "./attach-rig.ts";
import { openSharedEngine } from "./shared-engine.ts";

const ID = "4f9a0b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d";

/** Other tests may have the machine. */
const WITHIN = { timeout: 15_000, interval: 10 };

let home = "";
const opened: SharedEngine[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-shared-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (engine) => await engine.close()));
  rmSync(home, { recursive: true });
});

type Given = Partial<CallHandlers> & { readonly door?: IncomingDoor };

/** One process; `engines` are those that it has started. */
async function start(given: Given = {}, host: Partial<EngineHost> = {}, canYield = false) {
  const engines: FakeOwnEngine[] = [];
  const whole = fakeHost(home, host);
  const engine = await openSharedEngine({
    host: whole,
    start: async (lock) => {
      const own = new FakeOwnEngine(lock, given);
      engines.push(own);
      return own;
    },
    lent: async () => [],
    canYield,
  });
  opened.push(engine);
  const events: HostEvent[] = [];
  engine.onEvent((event) => events.push(event));
  return { engine, engines, events };
}

/** What a socket of the home gets back for raw text, until it is closed. */
async function say(text: string): Promise<string> {
  const socket = connect(join(home, "socket/engine.sock"));
  let heard = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (heard += chunk));
  socket.on("error", () => {});
  socket.write(text);
  await new Promise((done) => socket.once("close", done));
  return heard;
}

it("J5 runs one engine for all that start at once", async () => {
  const all = await Promise.all(Array.from({ length: 8 }, async () => await start()));
  expect(all.flatMap(({ engines }) => engines)).toHaveLength(1);
  expect(all.filter(({ engine }) => !engine.isAttached)).toHaveLength(1);
});

it("answers calls and passes events from the owner to everybody", async () => {
  const owner = await start({ "library.buckets": async () => ["lab"] });
  const second = await start();
  const buckets = second.engine.handlers["library.buckets"];
  expect(await buckets({ profileId: "p" as never })).toEqual(["lab"]);
  const event: HostEvent = { type: "items", ids: [ID as never] };
  owner.engines[0]?.emit(event);
  expect(owner.events).toEqual([event]);
  await expect.poll(() => second.events, WITHIN).toEqual([event]);
});

it("passes failures with their code, and what is no answer as a bug", async () => {
  await start({
    "library.buckets": () => Promise.reject(new LonghaulError("access-denied", "no")),
    "profile.awsNames": async () => [1] as never,
  });
  const { handlers } = (await start()).engine;
  await expect(handlers["library.buckets"]({ profileId: "p" as never })).rejects.toMatchObject({
    code: "access-denied",
  });
  await expect(handlers["profile.awsNames"](null)).rejects.toThrow("expected string");
});

it("looks paths up where the caller is, by what the caller may see", async () => {
  const started = { id: ID as never, isContinued: false };
  const owner = await start({ "transfer.download": async () => started });
  const second = await start({}, { resolveRef: async () => "/resolved/here" });
  const request = { profileId: "p" as never, bucket: "b", keys: ["k"], folder: { handle: "h1" } };
  await second.engine.handlers["transfer.download"]({
    ...request,
    rename: null,
    contentsOnly: false,
    onConflict: "ask",
    readBack: false,
    include: [],
    exclude: [],
    cache: false,
    unpack: { destination: { handle: "h2" }, method: "auto" },
  });
  expect(owner.engines[0]?.calls.at(-1)?.input).toMatchObject({
    folder: { path: "/resolved/here" },
    unpack: { destination: { path: "/resolved/here" } },
  });
});

it("asks the owner for nothing in a folder that the caller's page may not use", async () => {
  const owner = await start();
  const denied = async () => {
    throw new LonghaulError("path-denied", "outside of the roots");
  };
  const { handlers } = (await start({}, { resolveRef: denied })).engine;
  const folder = { path: "/etc" };
  const of = { profileId: ID as never, bucket: "b" };
  const everyMs = 60_000;
  const asked = [
    handlers["cache.addFolder"]({ folder, quotaBytes: null }),
    handlers["follow.set"]({ ...of, key: "k", include: [], exclude: [], everyMs, folder }),
    handlers["library.measure"]({ ...of, prefixes: [], objects: [], folder }),
  ];
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: "path-denied" });
  expect(owner.engines[0]?.calls.map(({ name }) => name)).not.toContain("follow.set");
  expect(owner.engines[0]?.calls.map(({ name }) => name)).not.toContain("cache.addFolder");
});

it("asks the owner for no links out of the folders that the caller's page may use", async () => {
  const owner = await start();
  const { handlers } = (await start({}, { resolveRef: async () => "/home/ada/a" })).engine;
  const request = UploadRequest.parse({
    sources: [{ path: "/home/ada/a" }],
    destination: { profileId: ID, bucket: "b", prefix: "" },
    followSymlinks: true,
  });
  const denied = { code: "path-denied" };
  await expect(handlers["transfer.upload"](request)).rejects.toMatchObject(denied);
  expect(owner.engines[0]?.calls.map(({ name }) => name)).not.toContain("transfer.upload");
});

it("lets a page of an attached host send its drops to the owner", async () => {
  const door = {
    begin: vi.fn(async () => ({ path: "/spool/1" })),
    progress: vi.fn(),
    end: vi.fn(async () => {}),
  };
  await start({ door });
  const { incoming } = (await start()).engine;
  expect(await incoming.begin("t", 0, 10)).toEqual({ path: "/spool/1" });
  incoming.progress("t", 5);
  await incoming.end("t", 10);
  expect([door.progress.mock.calls, door.end.mock.calls]).toEqual([[["t", 5]], [["t", 10]]]);
});

it("takes the home when the owner goes, and tells all that is there", async () => {
  const owner = await start();
  const second = await start();
  owner.engines[0]?.emit({ type: "transfers", changed: [], removed: [] });
  await owner.engine.close();
  await expect.poll(() => second.engines.length, WITHIN).toBe(1);
  await expect.poll(() => second.events.at(-3)?.type, WITHIN).toBe("transfers");
  expect(second.engine.isAttached).toBe(false);
});

it("lets a command take the home at once where no window waits for it", async () => {
  const owner = await start();
  const command = await start({}, { runs: "own" });
  const sleeps = vi.spyOn(systemClock, "sleep");
  await owner.engine.close();
  await expect.poll(() => command.engines.length, WITHIN).toBe(1);
  expect(sleeps).not.toHaveBeenCalled();
});

it("leaves the home to a window that is attached, too", async () => {
  const owner = await start();
  const command = await start({}, { runs: "own" });
  const window = await start();
  await owner.engine.close();
  await expect.poll(() => window.engines.length, WITHIN).toBe(1);
  await command.engine.handlers["transfer.list"](null);
  expect(command.engine.isAttached).toBe(true);
});

it("says that it failed when it can neither attach nor take the home", async () => {
  const owner = await start();
  const whole = fakeHost(home);
  const second = await openSharedEngine({
    host: whole,
    start: async (lock) => {
      lock.release();
      throw new LonghaulError("disk-failed", "the journal cannot be read");
    },
    lent: async () => [],
    canYield: false,
  });
  opened.push(second);
  await owner.engine.close();
  await expect(second.failed).rejects.toMatchObject({ code: "disk-failed" });
});

it("waits for the home while another has it and does not answer, and says so", async () => {
  const said: string[] = [];
  const owner = await start();
  // Each look at the clock is 20 s later than the one before.
  let nowMs = 0;
  const clock = {
    nowMs: () => (nowMs += 20_000),
    wallMs: () => 0,
    sleep: async () => await new Promise<void>((done) => setTimeout(done, 5)),
  };
  const second = await openSharedEngine({
    host: fakeHost(home, { clock }),
    start: async (lock) => new FakeOwnEngine(lock, {}),
    lent: async () => [],
    say: (line) => said.push(line),
    canYield: false,
  });
  opened.push(second);
  // The lock goes from the one to the other without a moment in between, and nobody listens.
  const other = vi.spyOn(owner.engines[0] as FakeOwnEngine, "close").mockResolvedValue();
  await owner.engine.close();
  await expect.poll(() => said, WITHIN).toEqual([expect.stringContaining("does not answer")]);
  expect(second.isSilent).toBe(true);
  other.mockRestore();
  await owner.engines[0]?.close();
  await expect.poll(() => second.isAttached, WITHIN).toBe(false);
  expect([second.isSilent, said.length]).toEqual([false, 2]);
});

it("asks the next owner what the last one did not answer", async () => {
  const never = vi.fn(() => new Promise<never>(() => {}));
  const owner = await start({ "library.buckets": never });
  const second = await start({ "library.buckets": async () => ["from the second"] });
  const asked = second.engine.handlers["library.buckets"]({ profileId: "p" as never });
  await expect.poll(() => never.mock.calls.length, WITHIN).toBe(1);
  await owner.engine.close();
  expect(await asked).toEqual(["from the second"]);
});

it("gives the home of a command to a window, and attaches to it", async () => {
  const command = await start({}, { runs: "own" }, true);
  const window = await start();
  expect(window.engine.isAttached).toBe(false);
  expect(command.engines[0]?.isClosed).toBe(true);
  await command.engine.handlers["transfer.list"](null);
  expect(command.engine.isAttached).toBe(true);
});

it("leaves the home to a command that cannot give it away", async () => {
  const command = await start({}, { runs: "own" }, false);
  const window = await start();
  expect([command.engine.isAttached, window.engine.isAttached]).toEqual([false, true]);
});

it("says so when the one that runs is of another version", async () => {
  await start();
  const answer = await say(`{"contract":${CONTRACT_VERSION + 1},"new":"field"}\n`);
  expect(JSON.parse(answer)).toMatchObject({
    type: "refused",
    error: { code: "locked", details: { cause: "version", holder: expect.anything() as string } },
  });
});

it("E13 gives a web page's request no answer, in a folder that nobody else may enter", async () => {
  await start();
  expect(await say("POST / HTTP/1.1\r\nHost: longhaul\r\n\r\n")).toBe("");
  expect(await say('{"ask":"call","id":1,"name":"transfer.list","input":null}\n')).not.toContain(
    "reply",
  );
  expect(statSync(join(home, "socket")).mode & 0o777).toBe(0o700);
});

it("ends with `locked` when the home is taken and nobody can be attached to", async () => {
  const lock = lockHome(home, { pid: 1, program: "an old one", sinceMs: 0 });
  // Each look at the clock is 20 s later than the one before.
  let nowMs = 0;
  const clock = {
    nowMs: () => (nowMs += 20_000),
    wallMs: () => 0,
    sleep: async () => {},
  };
  await expect(start({}, { clock })).rejects.toMatchObject({
    code: "locked",
    details: { holder: "an old one, process 1" },
  });
  lock.release();
});
