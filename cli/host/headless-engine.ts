import { join } from "node:path";
import { z } from "zod";
import { Profile } from "#shared/profile.ts";
import type { LentProfile } from "#shared/local-protocol.ts";
import type { SharedEngine } from "#main/attach/shared-engine.ts";
import { openSharedEngine } from "#main/attach/shared-engine.ts";
import { openHomeFolder } from "#main/disk/home-folder.ts";
import type { EngineHost } from "#main/engine-host.ts";
import type { Clock } from "#main/flow/clock.ts";
import { openLogFile } from "#main/log-file.ts";
import { startThreads, stopThreads } from "#main/start-threads.ts";
import { listAwsProfileNames, readAwsDefaults } from "#main/profiles/aws-config.ts";
import { credentialsOf } from "#main/profiles/credentials.ts";
import { Redactor, watchSecrets } from "#main/profiles/redactor.ts";
import type { SecretStore } from "#main/profiles/secret-store.ts";
import { SecretFile } from "#main/profiles/secret-file.ts";
import { proxySecretsOf } from "#main/wire/proxy-choice.ts";
import type { ChosenProfile, ProfileFlags } from "../choose-profile.ts";
import { chooseProfile } from "../choose-profile.ts";
import { showText } from "../quote.ts";
import type { SessionOptions } from "../session.ts";
import { headlessHost } from "./headless-host.ts";
import { openSettingsFile } from "./settings-file.ts";

/** A metadata service that takes longer has no keys. */
const KEYS_MS = 10_000;

/** The engine of a home: in this process, or in the one that has it. @throws {LonghaulError} `locked` and others. */
export async function openHeadlessEngine(
  where: {
    readonly home: string;
    readonly userFolder: string;
    readonly clock: Clock;
    /** Hears what is logged, without secrets; null is nobody. */
    readonly say: ((line: string) => void) | null;
    /** Hears, in any case, of another process that keeps this one waiting. */
    readonly warn: (line: string) => void;
  },
  options: SessionOptions,
): Promise<SharedEngine> {
  await openHomeFolder(where.home);
  const redactor = new Redactor();
  for (const name of SECRET_VARIABLES) redactor.add(process.env[name]);
  for (const secret of proxySecretsOf(process.env)) redactor.add(secret);
  const secrets = watchSecrets(new SecretFile(join(where.home, "secrets.json")), redactor);
  const redact = (text: string) => redactor.redact(text);
  const write = openLogFile(where.home, redact);
  const log: EngineHost["log"] = (level, text) => {
    write(level, text);
    where.say?.(`${level}: ${showText(redact(text))}`);
  };
  const host = headlessHost(
    { ...where, secrets, log, redact, hide: (secret) => redactor.add(secret) },
    options,
  );
  const engine = await openSharedEngine({
    host,
    // Loaded only where it is needed: `--help`, and whoever attaches, answers at once.
    start: async (lock) => {
      const threads = startThreads(host);
      const { createEngine } = await import("#main/engine.ts").catch(async (error: unknown) => {
        await stopThreads(threads);
        lock.release();
        throw error;
      });
      return await createEngine(host, lock, threads);
    },
    lent: async () =>
      await Promise.all(
        options.profiles.map(async (profile) => await lend(profile, secrets, where.clock)),
      ),
    renew: async (id) => {
      const profile = options.profiles.find((one) => one.id === id);
      return profile ? (await lend(profile, secrets, where.clock)).keys : null;
    },
    say: (line) => where.warn(showText(line)),
    canYield: options.canYield === true,
  });
  // Who may outlive the owner is ready to follow it.
  const mayFollow = options.runs === "all" || ["cp", "get"].includes(options.command);
  if (engine.isAttached && mayFollow) void import("#main/engine.ts");
  return engine;
}

/**
 * The owner of the home does not have this process's environment, so what is there is read here.
 * Files of the AWS tools it reads itself, and again when those keys expire.
 */
async function lend(profile: Profile, secrets: SecretStore, clock: Clock): Promise<LentProfile> {
  if (profile.credentials.kind !== "environment") return { profile, keys: null };
  const source = credentialsOf(profile, { secrets, clock, environment: process.env });
  return { profile, keys: await source.get(AbortSignal.timeout(KEYS_MS)) };
}

const SECRET_VARIABLES = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/** @throws {LonghaulError} `profile-missing`, `invalid` */
export async function chooseFromHome(home: string, flags: ProfileFlags): Promise<ChosenProfile> {
  await openHomeFolder(home);
  const kept = z.array(z.unknown()).safeParse(openSettingsFile(home, () => {}).read("profiles"));
  const saved = (kept.data ?? []).flatMap((entry) => Profile.safeParse(entry).data ?? []);
  const name = flags.profile ?? undefined;
  return chooseProfile(flags, saved, await listAwsProfileNames(), await readAwsDefaults(name));
}
