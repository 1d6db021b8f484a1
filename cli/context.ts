import type { Profile } from "#shared/profile.ts";
import type { Clock } from "#main/flow/clock.ts";
import type { ChosenProfile, ProfileFlags } from "./choose-profile.ts";
import type { Interrupts } from "./interrupts.ts";
import type { OpenEngine } from "./session.ts";
import type { Terminal } from "./terminal.ts";

/** What every command gets; tests give their own. Folders are absolute. */
export type CommandContext = {
  readonly terminal: Terminal;
  readonly interrupts: Interrupts;
  readonly clock: Clock;
  /** What follows `longhaul`, as typed. */
  readonly args: readonly string[];
  readonly workingFolder: string;
  /** The person's home folder. */
  readonly userFolder: string;
  /** LONGHAUL_HOME, or where it is by default. */
  readonly home: string;
  /** The built page. */
  readonly pageFolder: string;
  readonly openEngine: OpenEngine;
  /** @throws {LonghaulError} `profile-missing`, `invalid` */
  chooseProfile(flags: ProfileFlags): Promise<ChosenProfile>;
};

/** The profiles that only this command knows. */
export function sessionProfiles(chosen: ChosenProfile): readonly Profile[] {
  return chosen.isAdHoc ? [chosen.profile] : [];
}
