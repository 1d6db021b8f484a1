import { join } from "node:path";
import { z } from "zod";
import { Profile } from "#shared/profile.ts";
import { openHomeFolder } from "#main/disk/home-folder.ts";
import type { Engine, EngineHost } from "#main/engine-host.ts";
import type { Clock } from "#main/flow/clock.ts";
import { openLogFile } from "#main/log-file.ts";
import { listAwsProfileNames, readAwsDefaults } from "#main/profiles/aws-config.ts";
import { Redactor, watchSecrets } from "#main/profiles/redactor.ts";
import { SecretFile } from "#main/profiles/secret-file.ts";
import type { ChosenProfile, ProfileFlags } from "../choose-profile.ts";
import { chooseProfile } from "../choose-profile.ts";
import { showText } from "../quote.ts";
import type { SessionOptions } from "../session.ts";
import { headlessHost } from "./headless-host.ts";
import { openSettingsFile } from "./settings-file.ts";

/** Starts the engine of a home in this process. @throws {LonghaulError} `locked` and others. */
export async function openHeadlessEngine(
  where: {
    readonly home: string;
    readonly userFolder: string;
    readonly clock: Clock;
    /** Hears what is logged, without secrets; null is nobody. */
    readonly say: ((line: string) => void) | null;
  },
  options: SessionOptions,
): Promise<Engine> {
  await openHomeFolder(where.home);
  const redactor = new Redactor();
  for (const name of SECRET_VARIABLES) redactor.add(process.env[name]);
  const secrets = watchSecrets(new SecretFile(join(where.home, "secrets.json")), redactor);
  const write = openLogFile(where.home, (text) => redactor.redact(text));
  const log: EngineHost["log"] = (level, text) => {
    write(level, text);
    where.say?.(`${level}: ${showText(redactor.redact(text))}`);
  };
  // Loaded only by commands that need it: `--help` answers at once.
  const { createEngine } = await import("#main/engine.ts");
  return await createEngine(headlessHost({ ...where, secrets, log }, options));
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
