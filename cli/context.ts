import type { Profile } from "#shared/profile.ts";
import type { Clock } from "#main/flow/clock.ts";
import type { ChosenProfile, ProfileFlags } from "./choose-profile.ts";
import type { Interrupts } from "./interrupts.ts";
import type { OpenEngine } from "./session.ts";
import type { Terminal } from "./terminal.ts";

/** What every command gets; tests give their own. */
export type CommandContext = {
  readonly terminal: Terminal;
  readonly interrupts: Interrupts;
  readonly clock: Clock;
  /** What follows `longhaul`, as typed. */
  readonly args: readonly string[];
  /** Absolute. */
  readonly workingFolder: string;
  readonly openEngine: OpenEngine;
  /** @throws {LonghaulError} `profile-missing`, `invalid` */
  chooseProfile(flags: ProfileFlags): Promise<ChosenProfile>;
};

/** The profiles that only this command knows. */
export function sessionProfiles(chosen: ChosenProfile): readonly Profile[] {
  return chosen.isAdHoc ? [chosen.profile] : [];
}
