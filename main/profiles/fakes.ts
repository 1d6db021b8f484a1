import type { Profile, ProfileSecret } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import type { DocumentFile, DocumentSection } from "./document-file.ts";
import type { SecretStore } from "./secret-store.ts";

/** A settings file in memory; what is written is a copy, as a file would have it. */
export class MemoryDocument implements DocumentFile {
  readonly sections: Partial<Record<DocumentSection, unknown>>;

  constructor(sections: Partial<Record<DocumentSection, unknown>> = {}) {
    this.sections = sections;
  }

  read(section: DocumentSection): unknown {
    return this.sections[section];
  }

  write(section: DocumentSection, value: unknown): void {
    this.sections[section] = structuredClone(value);
  }
}

/** A keychain in memory that remembers the order of what was done to it. */
export class MemorySecrets implements SecretStore {
  readonly kept = new Map<string, ProfileSecret>();
  readonly deeds: string[] = [];

  async get(id: ProfileId): Promise<ProfileSecret | null> {
    return this.kept.get(id) ?? null;
  }

  async set(id: ProfileId, secret: ProfileSecret): Promise<void> {
    this.deeds.push(`set ${id}`);
    this.kept.set(id, secret);
  }

  async remove(id: ProfileId): Promise<void> {
    this.deeds.push(`remove ${id}`);
    this.kept.delete(id);
  }
}

export function aProfile(given: Partial<Profile> = {}): Profile {
  return {
    id: ProfileId.parse("lab"),
    name: "Lab",
    preset: "minio",
    endpoint: { kind: "url", url: "https://minio.lab:9000" },
    region: "us-east-1",
    addressing: "auto",
    bucket: null,
    credentials: { kind: "stored", accessKeyId: "lab-key" },
    partSizeBytes: null,
    connections: null,
    ...given,
  };
}
