/**
 * Measures one thing and compares it with what it needs: `npm run bench -- NAME`.
 *
 * Each bench prints its figures, ends with one summary line and fails the process on a miss.
 */
import { labBits } from "./bits.ts";
import { benchSandbox } from "./sandbox.ts";

/** Resolves to whether every figure was met. */
type Bench = () => Promise<boolean>;

const BENCHES: ReadonlyMap<string, Bench> = new Map([
  ["sandbox", benchSandbox],
  ["bits", labBits],
]);

const name = process.argv[2] ?? "";
const bench = BENCHES.get(name);
if (bench === undefined) {
  process.stderr.write(`Say which bench to run: ${[...BENCHES.keys()].join(", ")}.\n`);
  process.exitCode = 2;
} else if (!(await bench())) {
  process.exitCode = 1;
}
