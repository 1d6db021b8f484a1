import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startPractice } from "./practice-process.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-practice-"));
  writeFileSync(
    join(home, "practice-keys.json"),
    '{"accessKeyId":"AK","secretAccessKey":"canary"}',
  );
});
afterEach(() => rmSync(home, { recursive: true }));

class FakeChild extends EventEmitter {
  readonly stdout = new EventEmitter() as unknown as NodeJS.ReadableStream & EventEmitter;
  kill(): boolean {
    return this.emit("exit", 0);
  }
}

function start(act: (child: FakeChild) => void) {
  const child = new FakeChild();
  const forked: unknown[] = [];
  const fork = (...given: unknown[]) => {
    forked.push(given);
    queueMicrotask(() => act(child));
    return child as never;
  };
  return { forked, started: startPractice(fork, "/app/sandbox.js", home, "/store") };
}

it("reads where the store is from its first line and the keys from their file", async () => {
  const { started, forked } = start((child) => {
    child.stdout.emit("data", Buffer.from('{"endpoint":"http://127.'));
    child.stdout.emit("data", Buffer.from('0.0.1:4000","region":"us-east-1"}\n'));
  });
  const store = await started;
  expect(store).toMatchObject({
    endpoint: "http://127.0.0.1:4000",
    accessKeyId: "AK",
    secretAccessKey: "canary",
  });
  expect(JSON.stringify(forked)).not.toContain("canary");
  await store.stop();
});

it.each([
  ["ends at once", (child: FakeChild) => void child.emit("exit", 1)],
  ["says something else", (child: FakeChild) => void child.stdout.emit("data", Buffer.from("x\n"))],
])("fails when the store %s", async (_, act) => {
  await expect(start(act).started).rejects.toMatchObject({ code: "internal" });
});
