import { afterAll, beforeAll, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";

const AHEAD_SECONDS = 20 * 60;
const SLOWLY = { kind: "delay", ms: 1000 } as const;

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open({ pace: 10 });
}, 60_000);

afterAll(async () => {
  await rig.close();
});

async function clockOfLab(): Promise<number | undefined> {
  const views = await rig.client.call("profile.list", null);
  return views.find(({ profile }) => profile.id === "lab")?.clockAheadSeconds;
}

it("S6 clock that is 20 min off, at the start: the first answer tells, and every part is signed right", async () => {
  await rig.script({ clockAheadSeconds: AHEAD_SECONDS });
  const { id, key, sha256 } = await rig.upload(40 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await clockOfLab()).toBeCloseTo(-AHEAD_SECONDS, -1);
  // The rig's own reading signs with this machine's clock.
  await rig.rules({});
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ status: 403 })).toBe(1);
  expect(rig.count({ op: "UploadPart" })).toBe(8);
  expect(rig.errors()).toEqual([]);
});

// Answers from before the change may turn the clock back once more, which costs a part its last try.
it(
  "S6 clock that goes off under 8 parallel requests, to either side: each is signed anew",
  { retry: 2 },
  async () => {
    for (const clockAheadSeconds of [-AHEAD_SECONDS, AHEAD_SECONDS]) {
      const slow = { on: { op: "UploadPart" }, times: null, fault: SLOWLY };
      await rig.script(slow);
      const { id, key, sha256 } = await rig.upload(80 * MiB);
      // The first 8 are under way, and are answered before the others are signed.
      await rig.until(id, ({ inFlightBytes }) => inFlightBytes > 0);
      await rig.rules({ clockAheadSeconds, rules: [slow] });
      expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
      const refused = rig.retries.map(({ part }) => part);
      expect(refused.length).toBeGreaterThan(0);
      // Twice where an answer of before the change, with the time of before, came in between.
      const times = (part: number | null) => refused.filter((one) => one === part).length;
      expect(Math.max(...refused.map(times))).toBeLessThanOrEqual(2);
      expect(new Set(rig.errors())).toEqual(new Set(["server-failed RequestTimeTooSkewed"]));
      expect(rig.count({ op: "UploadPart", status: 200 })).toBe(16);
      expect(await clockOfLab()).toBeCloseTo(-clockAheadSeconds, -1);
      await rig.rules({});
      expect(await rig.storedSha256(key)).toBe(sha256);
    }
  },
);

it("S6 clock that is right again: the warning goes, too", async () => {
  const { key } = await rig.seed(9 * MiB);
  await rig.script({});
  expect(await rig.rest((await rig.download(key)).id)).toMatchObject({ state: { phase: "done" } });
  expect(await clockOfLab()).toBeUndefined();
});

it("S6 server whose clock jumps about and suits nobody: two more tries, and then it says so", async () => {
  const dates = [20, -20, 20, -20, 20, -20].map((minutes) =>
    new Date(Date.now() + minutes * 60_000).toUTCString(),
  );
  await rig.script(
    ...dates.map((date, index) => ({
      on: { op: "UploadPart", part: 2, attempt: [index + 1, index + 1] as [number, number] },
      times: null,
      fault: {
        kind: "answer",
        status: 403,
        code: "RequestTimeTooSkewed",
        headers: { date },
      } as const,
    })),
  );
  const { id } = await rig.upload(20 * MiB);
  const error = { code: "clock-skewed", details: { cause: "RequestTimeTooSkewed" } };
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "failed", error } });
  expect(rig.count({ op: "UploadPart", partNumber: 2 })).toBeLessThanOrEqual(3);
});
