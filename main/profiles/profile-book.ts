import { LonghaulError } from "#shared/errors.ts";
import type { Endpoint, ProfileId, ProfileSecret } from "#shared/profile.ts";
import { Profile } from "#shared/profile.ts";
import type { DocumentFile } from "./document-file.ts";
import type { SecretStore } from "./secret-store.ts";

/** The saved profiles, and the one writer of them and of their secrets. */
export class ProfileBook {
  /** No list of profiles was ever written: the first start. */
  readonly isNew: boolean;
  readonly #document: DocumentFile;
  readonly #secrets: SecretStore;
  readonly #profiles = new Map<ProfileId, Profile>();
  /** Entries that cannot be read, of a newer version perhaps: written back as they are. */
  #unread: readonly unknown[] = [];
  readonly #listeners = new Set<() => void>();
  /** Changes go one after the other: each has several steps. */
  #last: Promise<void> = Promise.resolve();

  constructor(document: DocumentFile, secrets: SecretStore) {
    this.#document = document;
    this.#secrets = secrets;
    const kept = document.read("profiles");
    this.isNew = kept === undefined;
    this.#read(kept);
  }

  /** In the order in which they were added. */
  list(): readonly Profile[] {
    return [...this.#profiles.values()];
  }

  /** Entries in the file that are not listed, because they cannot be read. */
  get unreadCount(): number {
    return this.#unread.length;
  }

  find(id: ProfileId): Profile | undefined {
    return this.#profiles.get(id);
  }

  /** @throws {LonghaulError} `profile-missing`. */
  get(id: ProfileId): Profile {
    const profile = this.#profiles.get(id);
    if (profile) return profile;
    throw new LonghaulError("profile-missing", `there is no profile ${id}`, {
      details: { profile: id },
    });
  }

  /** For a profile without a secret, when nobody can have one of its id or name yet. */
  saveFirst(profile: Profile): void {
    this.#put(profile);
    this.#tell();
  }

  /** Keeps what its endpoint turned out to be like; nothing that is open under it is opened anew. */
  learn(id: ProfileId, learned: Pick<Profile, "maxParts">): void {
    const profile = this.#profiles.get(id);
    if (!profile) return;
    this.#put({ ...profile, ...learned });
    this.#tell();
  }

  /** Whether what is kept for the saved profile of the same id was given for this place and key, too. */
  hasSecretFor(profile: Profile): boolean {
    return !mustDrop(this.#profiles.get(profile.id), profile);
  }

  /**
   * Adds, or replaces the one of the same id. Without a secret the kept one stays, but only for
   * what it was given for: the same endpoint and the same access key. Otherwise it is dropped, so
   * that no edited file and no slip sends it to another server.
   *
   * @throws {LonghaulError} `invalid` when another profile has the name.
   */
  async save(profile: Profile, secret: ProfileSecret | null): Promise<void> {
    await this.#inTurn(async () => {
      this.#refuseTakenName(profile);
      const before = this.#profiles.get(profile.id);
      // A crash in between leaves a profile without a secret, never one with another's.
      if (mustDrop(before, profile)) await this.#secrets.remove(profile.id);
      this.#put(profile);
      try {
        if (secret !== null && profile.credentials.kind === "stored") {
          await this.#secrets.set(profile.id, secret);
        }
      } finally {
        this.#tell();
      }
    });
  }

  /** Safe to call when there is none. */
  async remove(id: ProfileId): Promise<void> {
    await this.#inTurn(async () => {
      await this.#secrets.remove(id);
      if (!this.#profiles.delete(id)) return;
      this.#write();
      this.#tell();
    });
  }

  /** Called after every change. Returns the way to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #read(kept: unknown): void {
    if (kept === undefined) return;
    const unread: unknown[] = [];
    for (const entry of Array.isArray(kept) ? kept : [kept]) {
      const parsed = Profile.safeParse(entry);
      if (parsed.success && !this.#profiles.has(parsed.data.id)) {
        this.#profiles.set(parsed.data.id, parsed.data);
      } else unread.push(entry);
    }
    this.#unread = unread;
  }

  #put(profile: Profile): void {
    this.#profiles.set(profile.id, profile);
    this.#write();
  }

  #write(): void {
    this.#document.write("profiles", [...this.#profiles.values(), ...this.#unread]);
  }

  /** Last in every change: who looks at it then sees the secret, too. */
  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #refuseTakenName({ id, name }: Profile): void {
    const other = this.list().find((kept) => kept.id !== id && kept.name === name);
    if (!other) return;
    throw new LonghaulError("invalid", `there is a profile named ${name} already`, {
      details: { profile: name },
    });
  }

  async #inTurn(change: () => Promise<void>): Promise<void> {
    const changing = this.#last.then(change);
    // The next one waits for it, and does not fail for it.
    this.#last = changing.catch(() => undefined);
    await changing;
  }
}

/** Whether a secret that may be kept for `before`, or was left behind by nobody knows whom, is not meant for `after`. */
function mustDrop(before: Profile | undefined, after: Profile): boolean {
  const [was, is] = [before?.credentials, after.credentials];
  if (was?.kind !== "stored" && is.kind !== "stored") return false;
  if (before === undefined || placeOf(before.endpoint) !== placeOf(after.endpoint)) return true;
  return was?.kind !== "stored" || is.kind !== "stored" || was.accessKeyId !== is.accessKeyId;
}

/** Equal for endpoints that differ in spelling only. */
function placeOf(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "aws":
      return "aws";
    case "url":
      return new URL(endpoint.url).href;
    case "practice":
      return `practice ${endpoint.folder}`;
    default:
      return endpoint satisfies never;
  }
}
