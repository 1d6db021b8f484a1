import type { Client } from "#shared/client.ts";
import type { CallOutput, LibraryObject, LibraryPage, LibraryVersion } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { CommandContext } from "../context.ts";
import { sessionProfiles } from "../context.ts";
import { showName } from "../quote.ts";
import { withSession } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import type { S3Address } from "../uri.ts";
import { parseAddress } from "../uri.ts";
import type { ProfileFlags } from "../choose-profile.ts";

type ListFlags = ProfileFlags & {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Everything that was ever there, deep. */
  readonly versions: boolean;
  /** Everything under it, and not one level. */
  readonly recursive: boolean;
};

/** `longhaul ls [s3://bucket/prefix]`: the buckets, or what is under a prefix, one level deep or all. */
export async function list(
  uri: string | undefined,
  flags: ListFlags,
  context: CommandContext,
): Promise<number> {
  const address = uri === undefined ? null : s3Only(uri);
  const chosen = await context.chooseProfile(flags);
  const options = {
    command: "ls",
    runs: "own",
    profiles: sessionProfiles(chosen),
    isTransient: true,
    connections: null,
    roots: null,
  } as const;
  return withSession(context.openEngine, options, async ({ client }) => {
    const lister = new Lister(client, chosen.profile.id, flags, context);
    if (address === null) return lister.buckets();
    return flags.versions ? lister.versions(address) : lister.objects(address);
  });
}

function s3Only(uri: string): S3Address {
  const address = parseAddress(uri);
  if (address.kind === "s3") return address;
  throw new LonghaulError(
    "invalid",
    `${JSON.stringify(uri)} is on this machine; what is listed is s3://bucket/prefix/`,
  );
}

class Lister {
  readonly #client: Client;
  readonly #profileId: ProfileId;
  readonly #flags: ListFlags;
  readonly #terminal: Terminal;
  readonly #signal: AbortSignal;

  constructor(client: Client, profileId: ProfileId, flags: ListFlags, context: CommandContext) {
    this.#client = client;
    this.#profileId = profileId;
    this.#flags = flags;
    this.#terminal = context.terminal;
    this.#signal = context.interrupts.signal;
  }

  async buckets(): Promise<number> {
    const names = await this.#client.call("library.buckets", { profileId: this.#profileId });
    for (const name of names) this.#line({ type: "bucket", name }, `s3://${name}/`);
    return 0;
  }

  /** Pages as they come, so that a bucket of any size fits. */
  async objects({ bucket, key }: S3Address): Promise<number> {
    let cursor: string | null = null;
    let count = 0;
    do {
      this.#signal.throwIfAborted();
      const page: LibraryPage = await this.#client.call("library.list", {
        profileId: this.#profileId,
        bucket,
        prefix: key,
        isDeep: this.#flags.recursive,
        cursor,
      });
      for (const prefix of page.prefixes) this.#prefix(prefix);
      for (const object of page.objects) this.#object(object);
      count += page.prefixes.length + page.objects.length;
      ({ cursor } = page);
    } while (cursor !== null);
    if (count > 0 || key === "") return 0;
    throw new LonghaulError("object-missing", `nothing is under s3://${bucket}/${key}`, {
      details: { bucket, key },
    });
  }

  /** Deep, as versions are listed; a deletion is one of them. */
  async versions({ bucket, key }: S3Address): Promise<number> {
    let cursor: string | null = null;
    let count = 0;
    do {
      this.#signal.throwIfAborted();
      const asked = { profileId: this.#profileId, bucket, prefix: key, isKey: false, cursor };
      const page: CallOutput<"library.versions"> = await this.#client.call(
        "library.versions",
        asked,
      );
      for (const version of page.versions) this.#version(version);
      count += page.versions.length;
      ({ cursor } = page);
    } while (cursor !== null);
    if (count > 0 || key === "") return 0;
    throw new LonghaulError("object-missing", `nothing was ever under s3://${bucket}/${key}`, {
      details: { bucket, key },
    });
  }

  #version(version: LibraryVersion): void {
    const { key, sizeBytes, modifiedAtMs, etag, versionId, isLatest, isDeletion } = version;
    const modified = new Date(modifiedAtMs).toISOString();
    const facts = { key, versionId, isLatest, isDeletion, sizeBytes, modified, etag };
    const size = isDeletion ? "deleted" : String(sizeBytes);
    const head = columns(size, modified.slice(0, 19).replace("T", " "));
    this.#line({ type: "version", ...facts }, key, `${head}${versionId ?? "-"}  `);
  }

  #prefix(prefix: string): void {
    this.#line({ type: "prefix", prefix }, prefix, columns("", ""));
  }

  #object(object: LibraryObject): void {
    const { key, sizeBytes, modifiedAtMs, etag } = object;
    const modified = new Date(modifiedAtMs).toISOString();
    const head = columns(String(sizeBytes), modified.slice(0, 19).replace("T", " "));
    this.#line({ type: "object", key, sizeBytes, modified, etag }, key, head);
  }

  #line(fields: Record<string, unknown>, name: string, head = ""): void {
    if (this.#flags.json) this.#terminal.out(JSON.stringify(fields));
    else this.#terminal.out(`${this.#flags.quiet ? "" : head}${showName(name)}`);
  }
}

/** Exact bytes and UTC: a listing is read by scripts, too. */
function columns(size: string, modified: string): string {
  return `${size.padStart(15)}  ${modified.padEnd(19)}  `;
}
