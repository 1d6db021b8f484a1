import type { Profile } from "#shared/profile.ts";
import type { DocumentFile } from "#main/profiles/document-file.ts";

/**
 * The settings file as the engine of one command sees it: with the profiles made for it, which are
 * not kept. All else is: other commands set limits through the one that has the home.
 */
export function forSession(document: DocumentFile, profiles: readonly Profile[]): DocumentFile {
  const own = new Set<unknown>(profiles.map((profile) => profile.id));
  return {
    read: (section) => {
      const kept = document.read(section);
      return section === "profiles" ? [...asList(kept), ...profiles] : kept;
    },
    write: (section, value) => {
      const isKept = (each: unknown) => !own.has(idOf(each));
      document.write(section, section === "profiles" ? asList(value).filter(isKept) : value);
    },
  };
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function idOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
}
