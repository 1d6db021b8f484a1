import type { Profile } from "#shared/profile.ts";
import type { DocumentFile } from "#main/profiles/document-file.ts";

/**
 * The settings file as the engine of one command sees it: with the profiles made for it, of which
 * nothing is kept. All else is, because other commands set limits through the one that has the home.
 */
export function forSession(document: DocumentFile, profiles: readonly Profile[]): DocumentFile {
  const own = new Set<unknown>(profiles.map((profile) => profile.id));
  const withoutOwn = (list: unknown, member: string) =>
    asList(list).filter((each) => !own.has(memberOf(each, member)));
  return {
    read: (section) => {
      const kept = document.read(section);
      return section === "profiles" ? [...asList(kept), ...profiles] : kept;
    },
    write: (section, value) => {
      if (section === "profiles") document.write(section, withoutOwn(value, "id"));
      else if (section === "settings") {
        const recents = memberOf(value, "recentDestinations");
        const recentDestinations = withoutOwn(recents, "profileId");
        document.write(section, { ...asRecord(value), recentDestinations });
      } else document.write(section, value);
    },
  };
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function memberOf(value: unknown, name: string): unknown {
  return asRecord(value)[name];
}
