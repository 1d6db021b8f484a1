import Store from "electron-store";
import type { DocumentFile } from "#main/profiles/document-file.ts";

/** `settings.json` in the home, the same file as the headless host's. */
export function openSettingsFile(home: string): DocumentFile {
  const store = new Store<Record<string, unknown>>({
    cwd: home,
    name: "settings",
    configFileMode: 0o600,
  });
  return {
    read: (section) => store.get(section),
    write: (section, value) => store.set(section, value),
  };
}
