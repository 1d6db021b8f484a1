/**
 * The lab of the cache: `npm run lab:cache -- [--entries=10000] [--objects=96] [--quota=2048]`. Evicts
 * so many copies at once, and says how long that kept the main thread, and for how long at a stretch:
 * in time of its own, so that what else the machine does is not counted. Then fetches so many objects,
 * of 64 MiB on average, through a cache with a quota in MiB, and looks all the time at what is on the
 * disk. Zero of either leaves it out.
 */
import { parseArgs } from "node:util";
import { evictMany } from "./cache-lab/evict-many.ts";
import { holdQuota } from "./cache-lab/hold-quota.ts";

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "10000" },
    objects: { type: "string", default: "96" },
    quota: { type: "string", default: "2048" },
  },
});
const [entries = 0, objects = 0, quotaMib = 0] = [values.entries, values.objects, values.quota].map(
  Number,
);
const total = { passed: 0, failed: 0 };

if (entries > 0) await evictMany(entries, check);
if (objects > 0) await holdQuota({ objects, quotaMib, say }, check);
say(`${total.passed} passed, ${total.failed} failed, 0 skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function check(what: string, isFine: boolean): void {
  total[isFine ? "passed" : "failed"] += 1;
  say(isFine ? what : `FAILED: ${what}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
