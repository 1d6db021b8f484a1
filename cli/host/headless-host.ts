import { join, sep } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { PRACTICE_BUCKET } from "#main/calls/practice.ts";
import type { EngineHost, PracticeStore } from "#main/engine-host.ts";
import type { Clock } from "#main/flow/clock.ts";
import { readMachineId } from "#main/disk/machine-id.ts";
import { LASTING_PATIENCE, patienceOf } from "#main/flow/patience.ts";
import type { SecretStore } from "#main/profiles/secret-store.ts";
import { startSandbox } from "#main/profiles/sandbox-process.ts";
import type { SessionOptions } from "../session.ts";
import { VERSION } from "../version.ts";
import { checkPath } from "./roots.ts";
import { forSession } from "./session-document.ts";
import { openSettingsFile } from "./settings-file.ts";

export type HeadlessSurroundings = {
  readonly home: string;
  readonly userFolder: string;
  readonly clock: Clock;
  readonly secrets: SecretStore;
  readonly log: EngineHost["log"];
  readonly redact: EngineHost["redact"];
  readonly hide: (secret: string) => void;
};

/** What the engine gets from a process without a screen. */
export function headlessHost(
  surroundings: HeadlessSurroundings,
  options: SessionOptions,
): EngineHost {
  const { home, userFolder, clock, secrets, log, redact, hide } = surroundings;
  const settings = openSettingsFile(home, (path) => {
    log("warn", `settings.json could not be read and is now ${path}`);
  });
  const isCommand = options.runs === "own";
  return {
    info: {
      kind: "web",
      version: VERSION,
      platform: process.platform,
      home,
      roots: [...(options.roots ?? ["/"])],
      pathSeparator: sep,
      userFolder,
      canShowInFolder: false,
      canPick: false,
    },
    program: `longhaul ${options.command}`,
    clock,
    random: Math.random,
    document: options.isTransient ? forSession(settings, options.profiles) : settings,
    secrets,
    runs: options.runs,
    connections: options.connections,
    // Somebody, or a script, waits for a command; a window tries on.
    patience: isCommand ? patienceOf(options.giveUpAfterMs ?? null) : LASTING_PATIENCE,
    machineId: readMachineId,
    startPractice: (folder) => startPractice(home, folder),
    resolveRef: async (ref, use) => {
      if ("handle" in ref) throw noDialogs();
      return await checkPath({ folders: options.roots, home }, ref.path, use === "read");
    },
    pick: () => Promise.reject(noDialogs()),
    showInFolder: () => Promise.reject(noDialogs()),
    saveText: () => Promise.reject(noDialogs()),
    redact,
    hide,
    log,
  };
}

/** The practice store's keys lie in the home, made at its first start. */
async function startPractice(home: string, folder: string): Promise<PracticeStore> {
  const keysFile = join(home, "practice-keys.json");
  const started = startSandbox(
    { dir: folder, keysFile, buckets: [PRACTICE_BUCKET], isOneProcess: true },
    new AbortController().signal,
  );
  const sandbox = await started;
  const { accessKeyId, secretAccessKey } = sandbox.credentials;
  return { endpoint: sandbox.endpoint, accessKeyId, secretAccessKey, stop: () => sandbox.stop() };
}

function noDialogs(): LonghaulError {
  return new LonghaulError("unsupported", "this host has no window of its own");
}
