import { writeFile } from "node:fs/promises";
import type { Client } from "#shared/client.ts";
import type { ProfileView } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatBytes } from "#shared/format.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import type { DoctorCheck } from "#main/doctor.ts";
import { examineHome, failedBy } from "#main/doctor.ts";
import type { CommandContext } from "../context.ts";
import { showText } from "../quote.ts";
import { withSession } from "../session.ts";
import { sentencesOf } from "../show-error.ts";

const MARKS = { passed: "ok    ", failed: "FAILED", skipped: "-     " } as const;

/** `longhaul doctor`: a line for each thing that was looked at; exit code 1 when one has failed. */
export async function examine(
  flags: { readonly json: boolean; readonly save: string | null },
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  const { save } = flags;
  let failedCount = 0;
  const tell = (one: DoctorCheck): void => {
    if (one.outcome === "failed") failedCount += 1;
    if (flags.json) terminal.out(JSON.stringify({ type: "check", ...one }));
    else terminal.out(lineOf(one));
  };
  const checks = await examineHome({
    home: context.home,
    program: "longhaul doctor",
    nowMs: context.clock.wallMs(),
    nodeVersion: process.versions.node,
    sqliteVersion: process.versions["sqlite"] ?? "unknown",
  });
  checks.forEach(tell);
  for (const one of await examineEngine(context, save)) tell(one);
  return failedCount === 0 ? 0 : 1;
}

function lineOf({ name, outcome, found, remedy }: DoctorCheck): string {
  return `${MARKS[outcome]} ${name.padEnd(10)} ${showText(`${found} ${remedy}`.trim())}`;
}

/** What only an engine knows: endpoints, and what transfers have left. */
async function examineEngine(
  context: CommandContext,
  save: string | null,
): Promise<readonly DoctorCheck[]> {
  const options = {
    command: "doctor",
    runs: "own",
    profiles: [],
    isTransient: true,
    connections: null,
    roots: null,
  } as const;
  try {
    return await withSession(context.openEngine, options, async ({ client }) => [
      await leftOf(client),
      ...(await profilesOf(client)),
      ...(save === null ? [] : [await saveDiagnostics(client, save)]),
    ]);
  } catch (error) {
    const isTaken = error instanceof LonghaulError && error.code === "locked";
    if (!isTaken) return [{ name: "engine", ...failedBy(error) }];
    const found = "profiles and part files are looked at when no other engine runs";
    return [{ name: "engine", outcome: "skipped", found, remedy: "" }];
  }
}

/** What the window's "Save diagnostics" holds. An older file of the name is not written over. */
async function saveDiagnostics(client: Client, path: string): Promise<DoctorCheck> {
  const name = "diagnostics";
  try {
    const { text } = await client.call("host.diagnostics", null);
    await onDisk(
      path,
      "write",
      async () => await writeFile(path, text, { mode: 0o600, flag: "wx" }),
    );
    return { name, outcome: "passed", found: `saved as ${path}`, remedy: "" };
  } catch (error) {
    return { name, ...failedBy(error) };
  }
}

async function leftOf(client: Client): Promise<DoctorCheck> {
  const left = await client.call("transfer.unfinished", null);
  const pieceCount = left.reduce((sum, one) => sum + one.pieceCount, 0);
  const pieces = left.flatMap((one) => one.pieces);
  const heldBytes = pieces.reduce((sum, piece) => sum + piece.heldBytes, 0);
  const held = `${pieceCount} unfinished, ${formatBytes(heldBytes, "decimal")} held`;
  const found =
    pieceCount === 0 ? "nothing is unfinished" : `${held}: longhaul queue ls --unfinished`;
  return { name: "unfinished", outcome: "passed", found, remedy: "" };
}

async function profilesOf(client: Client): Promise<readonly DoctorCheck[]> {
  const views = await client.call("profile.list", null);
  return await Promise.all(views.map((view) => profileOf(client, view)));
}

/** Reached, its clock compared, signed in and listed; nothing is written. */
async function profileOf(client: Client, { profile }: ProfileView): Promise<DoctorCheck> {
  const name = `profile ${profile.name}`;
  // It would only be started to be asked whether it runs.
  if (profile.endpoint.kind === "practice") {
    return { name, outcome: "skipped", found: "the embedded store", remedy: "" };
  }
  try {
    const input = { profile, secret: null, tryWrite: false };
    const steps = await client.call("profile.test", input);
    const bad = steps.find(({ outcome }) => outcome === "failed");
    if (bad?.error) {
      return { name, outcome: "failed", found: sentencesOf(bad.error), remedy: "" };
    }
    const clock = steps.find(({ step }) => step === "clock")?.found;
    const found = clock === undefined ? "reachable" : `reachable; clock: ${clock}`;
    return { name, outcome: "passed", found, remedy: "" };
  } catch (error) {
    return { name, ...failedBy(error) };
  }
}
