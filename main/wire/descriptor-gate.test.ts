import { expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { DescriptorGate, NEVER_BEGAN } from "./descriptor-gate.ts";

const never = new AbortController().signal;
const refused = (cause = "EMFILE") =>
  new LonghaulError("disk-failed", cause, { details: { cause } });

it("D17 no descriptor left: half as many go on, and all are done in the end", async () => {
  const clock = new FakeClock();
  const gate = new DescriptorGate(clock, () => undefined);
  let open = 0;
  let most = 0;
  const order = async () => {
    if (open >= 10) throw refused();
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
  };
  await Promise.all(Array.from({ length: 40 }, () => gate.run(order, never)));
  expect(most).toBeLessThanOrEqual(10);
  expect(gate.limit).toBeLessThanOrEqual(20);
});

it("climbs by one after ten seconds without a refusal", async () => {
  const clock = new FakeClock();
  const gate = new DescriptorGate(clock, () => undefined);
  let refusals = 1;
  const order = async () => {
    if (refusals-- > 0) throw refused("ENFILE");
  };
  await gate.run(order, never);
  expect(gate.limit).toBe(1);
  clock.advance(10_000);
  await gate.run(order, never);
  expect(gate.limit).toBe(2);
});

it("gives up when none comes free, and lets every other failure pass at once", async () => {
  const gate = new DescriptorGate(new FakeClock(), () => undefined);
  let tries = 0;
  const order = (error: Error) => async () => {
    tries += 1;
    throw error;
  };
  await expect(gate.run(order(refused()), never)).rejects.toMatchObject({
    details: { cause: "EMFILE" },
  });
  expect(tries).toBe(100);
  await expect(gate.run(order(refused("EIO")), never)).rejects.toMatchObject({
    details: { cause: "EIO" },
  });
  expect(tries).toBe(101);
});

it("says of a thread that could never begin what the reason is", async () => {
  const gate = new DescriptorGate(new FakeClock(), () => undefined);
  const error = new LonghaulError("internal", "Cannot read package config: too many open files", {
    details: { cause: NEVER_BEGAN },
  });
  const order = async () => {
    throw error;
  };
  await expect(gate.run(order, never)).rejects.toMatchObject({
    code: "disk-failed",
    details: { cause: "EMFILE" },
  });
});

it("D17 has what is in no use closed at a refusal, so that the next try finds a descriptor", async () => {
  let idle = 3;
  const gate = new DescriptorGate(new FakeClock(), () => (idle -= 1));
  let tries = 0;
  const order = async () => {
    tries += 1;
    if (idle > 0) throw refused();
  };
  await gate.run(order, never);
  expect([idle, tries]).toEqual([0, 4]);
});
