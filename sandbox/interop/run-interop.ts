import { AWS_CANDIDATES, awsChecks } from "./aws-checks.ts";
import type { Check } from "./check.ts";
import { RCLONE_CANDIDATES, rcloneChecks } from "./rclone-checks.ts";
import { findProgram } from "./run-program.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** A foreign client: where it may be, how it says its version, what it must manage. */
type Client = {
  readonly name: string;
  readonly debianPackage: string;
  readonly candidates: readonly string[];
  readonly versionArgs: readonly string[];
  readonly checks: (stage: Stage, program: string) => Promise<readonly Check[]>;
};

/** rclone comes last, since it ends by deleting the keys that both list. */
const CLIENTS: readonly Client[] = [
  {
    name: "aws-cli",
    debianPackage: "awscli",
    candidates: AWS_CANDIDATES,
    versionArgs: ["--version"],
    checks: awsChecks,
  },
  {
    name: "rclone",
    debianPackage: "rclone",
    candidates: RCLONE_CANDIDATES,
    versionArgs: ["version"],
    checks: rcloneChecks,
  },
];

type Tally = { passed: number; failed: number; skipped: number };

/** Runs every check of every client that is installed; true when none failed. */
export async function runInterop(): Promise<boolean> {
  const stage = await openStage();
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const client of CLIENTS) await runClient(client, stage, tally);
  } finally {
    await stage.stop();
  }
  say(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally.failed === 0;
}

async function runClient(client: Client, stage: Stage, tally: Tally): Promise<void> {
  const program = await findProgram(client.candidates, client.versionArgs);
  const checks = await client.checks(stage, program ?? client.name);
  if (program === undefined) {
    tally.skipped += checks.length;
    say(`${client.name}: skipped, it is not installed (Debian package ${client.debianPackage})`);
    return;
  }
  for (const check of checks) await runCheck(client.name, check, tally);
}

async function runCheck(name: string, check: Check, tally: Tally): Promise<void> {
  const started = performance.now();
  const failure = await check.run().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (failure === undefined) tally.passed += 1;
  else tally.failed += 1;
  say(`${failure === undefined ? "ok  " : "FAIL"} ${name}: ${check.title} (${seconds} s)`);
  if (failure !== undefined) say(`     ${failure}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
