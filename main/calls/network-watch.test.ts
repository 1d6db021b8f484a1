import { expect, it } from "vitest";
import { ManualClock } from "./calls-rig.ts";
import { addressesNow, watchNetwork } from "./network-watch.ts";

it("tells of another address within 2 s, and of nothing while they stay", async () => {
  const clock = new ManualClock();
  let address = "eth0 10.0.0.7";
  let changeCount = 0;
  const ending = new AbortController();
  const onChange = () => (changeCount += 1);
  const watching = watchNetwork(onChange, { clock, addresses: () => address }, ending.signal);
  await clock.advance(10_000);
  expect(changeCount).toBe(0);
  address = "";
  await clock.advance(2000);
  address = "wlan0 192.168.1.2";
  await clock.advance(2000);
  expect(changeCount).toBe(2);
  ending.abort();
  await watching;
  expect(clock.sleeperCount).toBe(0);
});

it("sees the same machine twice as the same", () => {
  expect(addressesNow()).toBe(addressesNow());
  expect(addressesNow()).toContain("127.0.0.1");
});
