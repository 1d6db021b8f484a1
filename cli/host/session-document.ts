import type { Profile } from "#shared/profile.ts";
import type { DocumentFile } from "#main/profiles/document-file.ts";

/**
 * The settings file as one command sees it: with the profiles made for it, and without keeping
 * anything that the command changes in the settings.
 */
export function forSession(document: DocumentFile, profiles: readonly Profile[]): DocumentFile {
  const own = new Set<unknown>(profiles.map((profile) => profile.id));
  return {
    read: (section) => {
      const kept = document.read(section);
      return section === "profiles" ? [...asList(kept), ...profiles] : kept;
    },
    write: (section, value) => {
      if (section === "profiles")
        document.write(
          section,
          asList(value).filter((each) => !own.has(idOf(each))),
        );
    },
  };
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function idOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
}
