/**
 * Measures, and compares with what is needed: `npm run bench -- [NAME] [options]`; without a name,
 * Longhaul beside its peers.
 *
 * Each bench prints its figures, ends with one summary line and fails the process on a miss.
 */
import { labBits } from "./bits.ts";
import { benchEngine } from "./engine/bench-engine.ts";
import { benchPeers } from "./peers/bench-peers.ts";
import { parsePeersOptions } from "./peers/options.ts";
import { summaryOf } from "./peers/targets.ts";
import { benchSandbox } from "./sandbox.ts";
import { benchStream } from "./unpack/bench-stream.ts";
import { benchUnpack } from "./unpack/bench-unpack.ts";

/** Resolves to whether every figure was met. */
type Bench = (args: readonly string[]) => Promise<boolean>;

const BENCHES = new Map<string, Bench>([
  ["sandbox", () => benchSandbox()],
  [
    "peers",
    async (args) => {
      const options = parsePeersOptions(args, process.env);
      const results = await benchPeers(options);
      const { isMet, line } = summaryOf(results, options.server === null);
      process.stdout.write(`\n${line}\n`);
      return isMet;
    },
  ],
  ["engine", (args) => benchEngine(args)],
  ["bits", () => labBits()],
  ["unpack", (args) => benchUnpack(args)],
  ["stream", (args) => benchStream(args)],
]);

const given = process.argv.slice(2);
const [name = "", ...args] = given[0]?.startsWith("-") === false ? given : ["peers", ...given];
const bench = BENCHES.get(name);
if (bench === undefined) {
  process.stderr.write(`Say which bench to run: ${[...BENCHES.keys()].join(", ")}.\n`);
  process.exitCode = 2;
} else if (!(await bench(args))) {
  process.exitCode = 1;
}
