import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { ProfileId } from "#shared/profile.ts";
import { ProfileSecret } from "#shared/profile.ts";
import { onDisk, systemCode } from "../disk/disk-errors.ts";
import { syncFolder } from "../disk/sync-folder.ts";
import type { SecretStore } from "./secret-store.ts";

const SecretsById = z.record(z.string(), ProfileSecret);
type SecretsById = z.infer<typeof SecretsById>;

const SecretDocument = z.strictObject({ version: z.literal(1), secrets: SecretsById });

/** More than any list of profiles comes to. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Secrets in one file that only its user can read: for hosts without a keychain. Nothing in it is
 * encrypted. A file that others could read is not used, neither to read nor to add to.
 */
export class SecretFile implements SecretStore {
  readonly #path: string;
  /** Changes go one after the other, each on what the one before it wrote. */
  #last: Promise<void> = Promise.resolve();

  /** @param path in a folder that exists. */
  constructor(path: string) {
    this.#path = path;
  }

  async get(id: ProfileId): Promise<ProfileSecret | null> {
    await this.#last;
    return (await this.#read())[id] ?? null;
  }

  async set(id: ProfileId, secret: ProfileSecret): Promise<void> {
    await this.#change((secrets) => ({ ...secrets, [id]: secret }));
  }

  async remove(id: ProfileId): Promise<void> {
    await this.#change((secrets) => {
      if (!Object.hasOwn(secrets, id)) return null;
      return Object.fromEntries(Object.entries(secrets).filter(([kept]) => kept !== id));
    });
  }

  /** @param change gives null where there is nothing to do. */
  async #change(change: (secrets: SecretsById) => SecretsById | null): Promise<void> {
    const changing = this.#last.then(async () => {
      const secrets = change(await this.#read());
      if (secrets !== null) await this.#write(secrets);
    });
    // The next one waits for it, and does not fail for it.
    this.#last = changing.catch(() => undefined);
    await changing;
  }

  async #read(): Promise<SecretsById> {
    const file = await this.#open();
    if (file === null) return {};
    try {
      await this.#refuseShared(file);
      return this.#parse(await onDisk(this.#path, "read", () => file.readFile("utf8")));
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<FileHandle | null> {
    try {
      // A link could lead to a file that somebody else can change.
      return await open(this.#path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return null;
      throw this.#refuse(`it cannot be opened: ${systemCode(error) ?? "unknown"}`);
    }
  }

  async #refuseShared(file: FileHandle): Promise<void> {
    if (process.platform === "win32") return;
    const { mode, uid, size } = await file.stat();
    if (uid !== process.getuid?.()) throw this.#refuse(`it belongs to another user, uid ${uid}`);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8);
      throw this.#refuse(
        `other users can read it (mode ${shown}); change the keys if somebody may have, and run: chmod 600 "${this.#path}"`,
      );
    }
    if (size > MAX_BYTES) throw this.#refuse("it is far too large");
  }

  #parse(text: string): SecretsById {
    try {
      return SecretDocument.parse(JSON.parse(text)).secrets;
    } catch {
      // The parser's own words may repeat what is in the file.
      throw this.#refuse("it is damaged, or of a newer version of Longhaul");
    }
  }

  async #write(secrets: SecretsById): Promise<void> {
    const unfinished = `${this.#path}.tmp`;
    await onDisk(this.#path, "write", async () => {
      await rm(unfinished, { force: true });
      const file = await open(unfinished, "wx", 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ version: 1, secrets }, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, this.#path);
    });
    await syncFolder(dirname(this.#path));
  }

  #refuse(why: string): LonghaulError {
    return new LonghaulError("credentials-missing", why, { details: { path: this.#path } });
  }
}
