import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SafeStorage } from "electron";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { ProfileId } from "#shared/profile.ts";
import { ProfileSecret } from "#shared/profile.ts";
import { systemCode } from "#main/disk/disk-errors.ts";
import type { SecretStore } from "#main/profiles/secret-store.ts";

/** What the keychain encrypted, base64 by profile id. Without the keychain it is worth nothing. */
const SealedFile = z.record(z.string(), z.base64());
type SealedFile = z.infer<typeof SealedFile>;

type Keychain = Pick<
  SafeStorage,
  | "isAsyncEncryptionAvailable"
  | "encryptStringAsync"
  | "decryptStringAsync"
  | "getSelectedStorageBackend"
>;

/** What to do with a secret that would be readable on disk. */
export type PlainAnswer = "session-only" | "keep-readable";

/**
 * Secrets sealed by the system's keychain, in a file of the home. Where a Linux desktop has no
 * keyring Electron's key is a fixed one: anybody who reads the file has the secret. Then a person
 * is asked, and secrets are kept in memory only unless they say otherwise.
 */
export class SealedSecrets implements SecretStore {
  readonly #file: string;
  readonly #keychain: Keychain;
  readonly #platform: NodeJS.Platform;
  readonly #askAboutPlain: () => Promise<PlainAnswer>;
  readonly #session = new Map<ProfileId, ProfileSecret>();

  constructor(
    home: string,
    keychain: Keychain,
    platform: NodeJS.Platform,
    askAboutPlain: () => Promise<PlainAnswer>,
  ) {
    this.#file = join(home, "secrets-sealed.json");
    this.#keychain = keychain;
    this.#platform = platform;
    this.#askAboutPlain = askAboutPlain;
  }

  async get(id: ProfileId): Promise<ProfileSecret | null> {
    const remembered = this.#session.get(id);
    if (remembered !== undefined) return remembered;
    const sealed = (await this.#read())[id];
    if (sealed === undefined) return null;
    try {
      const { result } = await this.#keychain.decryptStringAsync(Buffer.from(sealed, "base64"));
      return ProfileSecret.parse(JSON.parse(result));
    } catch {
      // Not the cause: what was half decrypted may stand in its message.
      throw new LonghaulError("credentials-missing", "the keychain does not open the kept key");
    }
  }

  async set(id: ProfileId, secret: ProfileSecret): Promise<void> {
    if (await this.#isSessionOnly()) {
      this.#session.set(id, secret);
      await this.#drop(id);
      return;
    }
    const sealed = await this.#keychain.encryptStringAsync(JSON.stringify(secret));
    await this.#write({ ...(await this.#read()), [id]: sealed.toString("base64") });
    this.#session.delete(id);
  }

  async remove(id: ProfileId): Promise<void> {
    this.#session.delete(id);
    await this.#drop(id);
  }

  async #isSessionOnly(): Promise<boolean> {
    if (!(await this.#keychain.isAsyncEncryptionAvailable())) return true;
    if (this.#platform !== "linux") return false;
    if (this.#keychain.getSelectedStorageBackend() !== "basic_text") return false;
    return (await this.#askAboutPlain()) === "session-only";
  }

  async #drop(id: ProfileId): Promise<void> {
    const { [id]: dropped, ...others } = await this.#read();
    if (dropped !== undefined) await this.#write(others);
  }

  async #read(): Promise<SealedFile> {
    try {
      return SealedFile.parse(JSON.parse(await readFile(this.#file, "utf8")));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return {};
      throw new LonghaulError("credentials-missing", `${this.#file} cannot be read`, {
        details: { path: this.#file },
      });
    }
  }

  /** Whole or not at all. */
  async #write(sealed: SealedFile): Promise<void> {
    const next = `${this.#file}.new`;
    await writeFile(next, JSON.stringify(sealed), { mode: 0o600, flush: true });
    await rename(next, this.#file);
  }
}
