import { expect, it } from "vitest";
import { TransferId } from "#shared/transfer.ts";
import type { Arrival, SendAllPort } from "./send-arrivals.ts";
import { sendArrivals } from "./send-arrivals.ts";

const id = TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d");
const never = new AbortController().signal;

function arrivalOf(file: File): Arrival {
  const facts = { name: file.name, sizeBytes: file.size, modifiedAtMs: file.lastModified };
  const found = { name: file.name, open: () => Promise.resolve(file) };
  return { found, facts, id, ticket: { ticket: file.name, offsetBytes: 0 } };
}

async function* onePage(arrivals: readonly Arrival[]) {
  yield arrivals;
}

/** Counts how many requests are under way at once; each takes a few turns. */
function watchedPort() {
  const seen = { most: 0, now: 0, outcomes: [] as string[] };
  const port: SendAllPort = {
    send: async ({ offsetBytes, body }) => {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      seen.now -= 1;
      return { kind: "at", offsetBytes: offsetBytes + body.size };
    },
    wait: async () => {},
    random: () => 0,
    isSettled: () => false,
    onOutcome: (arrival, outcome) =>
      void seen.outcomes.push(`${arrival.facts.name} ${outcome.kind}`),
  };
  return { port, seen };
}

it("sends six small files at once", async () => {
  const { port, seen } = watchedPort();
  const files = Array.from({ length: 20 }, (_none, at) => new File(["x"], `f${at}`));
  await sendArrivals(onePage(files.map(arrivalOf)), port, never);
  expect([seen.most, seen.outcomes.length]).toEqual([6, 20]);
});

it("sends three large files at once", async () => {
  const { port, seen } = watchedPort();
  const large = new Uint8Array(5 * 1024 * 1024);
  const files = Array.from({ length: 5 }, (_none, at) => new File([large], `f${at}`));
  await sendArrivals(onePage(files.map(arrivalOf)), port, never);
  expect(seen.most).toBe(3);
});

it("does not send a file that changed after it was described", async () => {
  const { port, seen } = watchedPort();
  const arrival = arrivalOf(new File(["old"], "a"));
  const later = {
    ...arrival,
    found: { ...arrival.found, open: async () => new File(["newer"], "a") },
  };
  await sendArrivals(onePage([later]), port, never);
  expect(seen.outcomes).toEqual(["a changed"]);
});

it("sends nothing more of a transfer that has settled", async () => {
  const { port, seen } = watchedPort();
  await sendArrivals(
    onePage([arrivalOf(new File(["x"], "a"))]),
    { ...port, isSettled: () => true },
    never,
  );
  expect([seen.most, seen.outcomes]).toEqual([0, []]);
});
