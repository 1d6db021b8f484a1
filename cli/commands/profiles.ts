import { readFile } from "node:fs/promises";
import type { Client } from "#shared/client.ts";
import type { ProfileTestStep, ProfileView } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { Profile, ProfileSecret } from "#shared/profile.ts";
import { ProfileId, ProfileSecret as ProfileSecretSchema } from "#shared/profile.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import { checkPem } from "#main/wire/trust.ts";
import type { CommandContext } from "../context.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { NewProfileFlags } from "../new-profile.ts";
import { makeNewProfile } from "../new-profile.ts";
import { quoteArgument, showName, showText } from "../quote.ts";
import { plainSession, withSession } from "../session.ts";
import { describeError, sentencesOf } from "../show-error.ts";

type Output = { readonly json: boolean };

export async function listProfiles(flags: Output, context: CommandContext): Promise<number> {
  return withProfiles(context, async (client) => {
    const views = await client.call("profile.list", null);
    if (views.length === 0) context.terminal.err("No profiles are kept here.");
    for (const view of views) {
      const { profile, problem } = view;
      const error = problem === null ? null : describeError(problem);
      const line = flags.json
        ? JSON.stringify({ type: "profile", ...profile, problem: error })
        : rowOf(view);
      context.terminal.out(line);
    }
    return 0;
  });
}

function rowOf({ profile, problem }: ProfileView): string {
  const { endpoint, credentials, bucket } = profile;
  const places = {
    aws: `AWS ${profile.region}`,
    url: endpoint.kind === "url" ? endpoint.url : "",
    practice: "embedded store",
  };
  const cells = [
    showName(profile.name).padEnd(24),
    showText(places[endpoint.kind]).padEnd(32),
    credentials.kind.padEnd(12),
    bucket === null ? "" : showName(bucket),
    problem === null ? "" : `(${sentencesOf(problem)})`,
  ];
  return cells.join("  ").trimEnd();
}

/** The secret comes on standard input: an argument would be seen by every user of the machine. */
export async function addProfile(
  name: string,
  flags: NewProfileFlags,
  context: CommandContext,
): Promise<number> {
  const id = ProfileId.parse(crypto.randomUUID());
  const profile = makeNewProfile(name, flags, id);
  await checkCertificates(profile);
  const secret = flags.secretStdin ? await readSecret(context) : null;
  return withProfiles(context, async (client) => {
    const views = await client.call("profile.list", null);
    if (views.some((view) => view.profile.name === name)) {
      throw new LonghaulError("invalid", `there is a profile ${JSON.stringify(name)} already`);
    }
    await client.call("profile.save", { profile, secret });
    context.terminal.err(`Added. To try it: longhaul profiles test ${quoteArgument(name)}`);
    return 0;
  });
}

/** @throws {LonghaulError} `path-missing`, `path-denied`, `invalid`; a mistyped name is found here, not at the first transfer. */
async function checkCertificates({ trust }: Profile): Promise<void> {
  const file = trust?.caFile;
  if (file !== undefined) checkPem(await onDisk(file, "read", () => readFile(file, "utf8")), file);
}

/** One line the secret key; a second line, if any, the session token. A person is asked for the first. */
async function readSecret({ terminal, interrupts }: CommandContext): Promise<ProfileSecret> {
  const text = terminal.canAsk
    ? await terminal.askHidden("Secret access key (not shown): ", interrupts.signal)
    : await terminal.readInput();
  const [secretAccessKey, sessionToken] = text.split(/\r?\n/);
  const secret = ProfileSecretSchema.safeParse({
    secretAccessKey,
    ...(sessionToken === undefined || sessionToken === "" ? {} : { sessionToken }),
  });
  if (secret.success) return secret.data;
  throw new LonghaulError("invalid", "standard input holds no secret access key");
}

export async function removeProfile(name: string, context: CommandContext): Promise<number> {
  return withProfiles(context, async (client) => {
    await client.call("profile.remove", { id: (await findProfile(client, name)).id });
    context.terminal.err(`Removed ${showName(name)}.`);
    return 0;
  });
}

export async function testProfile(
  name: string,
  flags: Output & { readonly write: boolean },
  context: CommandContext,
): Promise<number> {
  return withProfiles(context, async (client) => {
    const profile = await findProfile(client, name);
    const input = { profile, secret: null, tryWrite: flags.write };
    const steps = await client.call("profile.test", input);
    for (const step of steps) context.terminal.out(flags.json ? stepLine(step) : stepRow(step));
    const failed = steps.find((step) => step.outcome === "failed");
    if (failed === undefined) return 0;
    return failed.error === null ? 1 : exitCodeOf(failed.error.code);
  });
}

const MARKS = { passed: "ok    ", failed: "FAILED", skipped: "-     " } as const;

function stepRow(step: ProfileTestStep): string {
  const found = step.error === null ? showText(step.found) : sentencesOf(step.error);
  return `${MARKS[step.outcome]} ${step.step.padEnd(10)} ${found}`.trimEnd();
}

function stepLine(step: ProfileTestStep): string {
  const error = step.error === null ? null : describeError(step.error);
  return JSON.stringify({ type: "step", ...step, error });
}

async function findProfile(client: Client, name: string): Promise<Profile> {
  const views = await client.call("profile.list", null);
  const found = views.find(({ profile }) => profile.name === name || profile.id === name);
  if (found !== undefined) return found.profile;
  throw new LonghaulError("profile-missing", `there is no profile ${JSON.stringify(name)}`, {
    details: { profile: name },
  });
}

function withProfiles(
  context: CommandContext,
  run: (client: Client) => Promise<number>,
): Promise<number> {
  return withSession(context.openEngine, plainSession("profiles"), ({ client }) => run(client));
}
