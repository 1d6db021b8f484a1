import { join } from "node:path";
import { DEFAULT_NETWORK } from "#shared/network.ts";
import { Settings } from "#shared/settings.ts";
import type { DocumentFile } from "./document-file.ts";

/** What changes; the rest stays. A member that is undefined stays too. */
type SettingsChange = { readonly [K in keyof Settings]?: Settings[K] | undefined };

/** The settings before anybody changed one. @param userFolder the person's home folder. */
export function defaultSettings(userFolder: string): Settings {
  return {
    theme: "system",
    density: "comfortable",
    textSizePercent: 100,
    sizeUnits: "decimal",
    rateUnits: "bytes",
    reduceMotion: false,
    downloadFolder: join(userFolder, "Longhaul"),
    maxUploads: 3,
    maxDownloads: 3,
    limits: { downBytesPerSecond: null, upBytesPerSecond: null },
    week: null,
    paceOverride: null,
    network: DEFAULT_NETWORK,
    recentDestinations: [],
    recentFolders: [],
    detailWidth: 364,
    libraryView: "files",
  };
}

/** The settings, and the one writer of them. */
export class SettingsBook {
  readonly #document: DocumentFile;
  /** As it was read: what is in it beside our settings is another version's, and stays. */
  #kept: Readonly<Record<string, unknown>>;
  #settings: Settings;
  readonly #listeners = new Set<(settings: Settings) => void>();

  constructor(document: DocumentFile, userFolder: string) {
    this.#document = document;
    this.#kept = asRecord(document.read("settings"));
    this.#settings = readSettings(this.#kept, defaultSettings(userFolder));
  }

  get(): Settings {
    return this.#settings;
  }

  /** Changes what is given, keeps it and tells listeners. Nothing happens when it is as it was. */
  set(change: SettingsChange): void {
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const next = Settings.parse({ ...this.#settings, ...Object.fromEntries(given) });
    if (JSON.stringify(next) === JSON.stringify(this.#settings)) return;
    this.#kept = { ...this.#kept, ...next };
    this.#document.write("settings", this.#kept);
    this.#settings = next;
    for (const listener of this.#listeners) listener(next);
  }

  /** Returns the way to stop listening. */
  onChange(listener: (settings: Settings) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Each setting by itself: one that cannot be read does not cost the others. */
function readSettings(kept: Readonly<Record<string, unknown>>, defaults: Settings): Settings {
  const readable = Object.entries(Settings.shape).filter(
    ([name, schema]) => schema.safeParse(kept[name]).success,
  );
  const read = Object.fromEntries(readable.map(([name]) => [name, kept[name]]));
  return Settings.parse({ ...defaults, ...read });
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
