import { randomBytes } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { DeskRig, putRequest, receiveTask } from "./desk-rig.ts";

let rig: DeskRig;
beforeEach(async () => {
  rig = await DeskRig.start();
});
afterEach(() => rig.end());

it("answers every order, also a canceled one", async () => {
  const path = await rig.file("file", randomBytes(8 * MiB));
  const source = { path, start: 0, end: 8 * MiB };
  const loading = rig.ask({ kind: "load", source, stamp: null });
  rig.cancel(rig.lastId);
  expect(await loading).toEqual({ kind: "canceled" });
  const digesting = rig.ask({
    kind: "digest",
    source,
    algorithm: "sha256",
    isBeingWritten: false,
    slot: -1,
  });
  rig.cancel(rig.lastId);
  expect(await digesting).toEqual({ kind: "canceled" });
});

it("does not mind a cancel or a release of what is over", async () => {
  const path = await rig.file("file", randomBytes(10));
  expect(await rig.ask({ kind: "sync", path, isOthers: false })).toEqual({ kind: "done" });
  rig.cancel(rig.lastId);
  rig.cancel(12_345);
  rig.desk.take({ kind: "release", bodyId: 12_345 });
  expect(await rig.ask({ kind: "close-file", path })).toEqual({ kind: "done" });
});

it.runIf(process.platform === "linux")("lets go of a file with its last flush", async () => {
  const url = await rig.serve((_request, response) => {
    response.writeHead(206, { "content-length": 10 }).end(randomBytes(10));
  });
  const path = await rig.target(10);
  const task = receiveTask(`${url}/k`, path, 10);
  for (const isLast of [false, true]) {
    expect(await rig.ask(task)).toMatchObject({ kind: "whole" });
    await rig.ask({ kind: "sync", path, isOthers: false, isLast });
    expect(openPaths().includes(path)).toBe(!isLast);
  }
});

/** Of this process. */
function openPaths(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

it("calls a mistake of ours internal, with the place where it was made", async () => {
  const source = { kind: "kept", bodyId: 12_345 } as const;
  const request = putRequest("http://127.0.0.1:1/k");
  expect(await rig.ask({ kind: "send", source, request, slot: -1 })).toMatchObject({
    kind: "failed",
    error: { code: "internal", message: expect.stringContaining("kept-bodies") },
  });
});

it("refuses a request that HTTP cannot carry, without a word of its headers", async () => {
  const path = await rig.file("file", randomBytes(10));
  await rig.ask({ kind: "load", source: { path, start: 0, end: 10 }, stamp: null });
  const source = { kind: "kept", bodyId: rig.lastId } as const;
  const url = await rig.serve((_request, response) => response.end());
  const request = { ...putRequest(`${url}/k`), headers: { authorization: "secret\nx: y" } };
  const outcome = await rig.ask({ kind: "send", source, request, slot: -1 });
  expect(outcome).toMatchObject({ kind: "failed", error: { code: "internal" } });
  expect(JSON.stringify(outcome)).not.toContain("secret");
});

it("reads the same bytes again when a body is loaded twice", async () => {
  const bytes = randomBytes(1000);
  const path = await rig.file("file", bytes);
  const task = { kind: "load", source: { path, start: 0, end: 1000 }, stamp: null } as const;
  const [first, second] = [await rig.ask(task), await rig.ask(task)];
  expect(second).toEqual(first);
});

// Without it the socket would be kept for 15 s.
it("closes its sockets when there is nothing to do", { timeout: 10_000 }, async () => {
  const closed = Promise.withResolvers<void>();
  const url = await rig.serve((request, response) => {
    request.socket.once("close", () => closed.resolve());
    response.writeHead(200, { "keep-alive": "timeout=60" });
    request.resume().on("end", () => response.end());
  });
  const path = await rig.file("file", randomBytes(10));
  await rig.ask({ kind: "load", source: { path, start: 0, end: 10 }, stamp: null });
  const source = { kind: "kept", bodyId: rig.lastId } as const;
  await rig.ask({ kind: "send", source, request: putRequest(`${url}/k`), slot: -1 });
  await closed.promise;
});
