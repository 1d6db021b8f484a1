/**
 * The engine of the caps lab: `node caps-lab-engine.ts HOME ENDPOINT FILE KEY FOLDER SECONDS`. Keeps four
 * uploads and four downloads moving, changes the cap twice, and lets the schedule pause them; one line
 * of JSON for each phase. The keys come in the environment.
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseWeek } from "#shared/week-text.ts";
import { systemClock } from "#main/flow/clock.ts";
import { LAB_BUCKET, labProfileId, openLabEngine } from "./lab-engine.ts";

const [home = "", endpoint = "", file = "", key = "", folder = "", seconds = "30"] =
  process.argv.slice(2);
const EACH_WAY = 4;
const MBIT = 125_000;
const CAPS_MBIT = [200, 40, 400] as const;
const MINUTE_MS = 60_000;
const phaseMs = Number(seconds) * 1000;

// The minute of the pause comes when the last cap has had its time.
const limitedMs = CAPS_MBIT.length * phaseMs;
const aheadMs = MINUTE_MS - ((systemClock.wallMs() + limitedMs) % MINUTE_MS);
const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + aheadMs };
const week = parseWeek(`${minuteIn(0)},limited ${minuteIn(limitedMs + MINUTE_MS / 2)},pause`).week;

const { client, close } = await openLabEngine(
  { home, endpoint, connections: 16, partSizeBytes: 8 * 1024 * 1024 },
  clock,
);
await client.call("settings.set", {
  maxUploads: EACH_WAY,
  maxDownloads: EACH_WAY,
  week: [...week],
});
await client.call("limit.set", both(CAPS_MBIT[0]));
for (let index = 0; index < EACH_WAY; index += 1) {
  const place = { profileId: labProfileId, bucket: LAB_BUCKET };
  await client.call("transfer.upload", {
    sources: [{ path: file }],
    destination: { ...place, prefix: `up${index}/` },
  });
  await client.call("transfer.download", {
    ...place,
    keys: [key],
    folder: { path: `${folder}/down${index}` },
  });
}
for (const mbit of CAPS_MBIT) {
  await client.call("limit.set", both(mbit));
  tell({ capBytesPerSecond: mbit * MBIT });
  await pause(phaseMs);
}
tell({ capBytesPerSecond: 0 });
await pause(phaseMs);
tell({ capBytesPerSecond: null });
await close();

function minuteIn(ms: number): string {
  const at = new Date(clock.wallMs() + ms);
  return [at.getHours(), at.getMinutes()].map((each) => `${each}`.padStart(2, "0")).join(":");
}

function both(mbit: number) {
  return { downBytesPerSecond: mbit * MBIT, upBytesPerSecond: mbit * MBIT };
}

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
