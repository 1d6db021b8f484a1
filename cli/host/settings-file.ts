import { renameSync } from "node:fs";
import { join } from "node:path";
import Conf from "conf";
import type { DocumentFile } from "#main/profiles/document-file.ts";

const NAME = "settings";

/**
 * `settings.json` in the home, the same file as the desktop host's. One that is no JSON is set
 * aside, not overwritten: `onBroken` gets its new path.
 */
export function openSettingsFile(home: string, onBroken: (path: string) => void): DocumentFile {
  const conf = openConf(home, onBroken);
  return {
    read: (section) => conf.get(section),
    write: (section, value) => conf.set(section, value),
  };
}

function openConf(home: string, onBroken: (path: string) => void): Conf {
  const options = { cwd: home, configName: NAME, configFileMode: 0o600 };
  try {
    return new Conf(options);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const aside = join(home, `${NAME}-broken-${Date.now()}.json`);
    renameSync(join(home, `${NAME}.json`), aside);
    onBroken(aside);
    return new Conf(options);
  }
}
