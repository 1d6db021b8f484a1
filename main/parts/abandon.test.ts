import { beforeEach, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { LASTING_PATIENCE, Patience } from "../flow/patience.ts";
import { withRetries } from "../flow/retry.ts";
import { abandonSend } from "./abandon.ts";
import { FakeStore } from "./fake-store.ts";
import type { Retry } from "./ports.ts";

const KEY = "large.bin";
const plan = { partSizeBytes: 1, sizeBytes: 2, intentAtMs: 0 };
const signal = new AbortController().signal;

let store: FakeStore;

beforeEach(() => {
  store = new FakeStore();
});

function abandon(step: "intent" | "opened" = "opened"): Promise<boolean> {
  const clock = new FakeClock();
  const patience = new Patience(LASTING_PATIENCE, clock);
  const tools = { clock, random: () => 0, patience };
  const retry: Retry = { run: (_part, attempt, until) => withRetries(attempt, tools, until) };
  const resume =
    step === "intent" ? { step, ...plan } : ({ step, uploadId: "u1", ...plan } as const);
  return abandonSend(KEY, resume, { store, retry }, signal);
}

/** An upload of one part, as the store has it. */
function begun(): void {
  const stored = { number: 1, sizeBytes: 1, etag: '"e"', sha256: null };
  const parts = new Map([[1, { bytes: Buffer.alloc(1), stored }]]);
  store.uploads.set("u1", { key: KEY, startedAtMs: 0, parts });
}

it("S28 an abort that the store answers with 500 is repeated until the upload is gone", async () => {
  begun();
  store.before = (call, attempt) => {
    if (call === "abort" && attempt < 4) throw new LonghaulError("server-failed", "500");
  };
  await abandon();
  expect(store.uploads.size).toBe(0);
  expect(store.calls).toEqual(["abort", "abort", "abort", "abort", "listParts"]);
});

it("S28 a part that lands after the abort is aborted too", async () => {
  begun();
  store.after = (call, attempt) => {
    if (call === "abort" && attempt === 1) begun();
  };
  await abandon();
  expect(store.uploads.size).toBe(0);
  expect(store.count("abort")).toBe(2);
});

it("S28 an upload without parts that is still named is aborted again, a bounded number of times", async () => {
  store.after = (call) => {
    if (call === "abort") store.uploads.set("u1", { key: KEY, startedAtMs: 0, parts: new Map() });
  };
  await abandon();
  expect(store.count("abort")).toBe(5);
});

it("takes an upload that the store has forgotten for gone", async () => {
  await abandon();
  expect(store.calls).toEqual(["abort", "listParts"]);
});

it("S27 an upload whose id never came is found by its key and aborted", async () => {
  await store.openUpload(KEY);
  expect(await abandon("intent")).toBe(true);
  expect(store.uploads.size).toBe(0);
  // Nothing to be seen is no proof that nothing comes.
  expect([await abandon("intent"), await abandon()]).toEqual([false, true]);
});

it("S27 of several that may be it none is touched: they may be somebody else's", async () => {
  await store.openUpload(KEY);
  await store.openUpload(KEY);
  await abandon("intent");
  expect(store.uploads.size).toBe(2);
});
