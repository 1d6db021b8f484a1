import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import type { Server } from "node:tls";
import type { Client } from "#shared/client.ts";
import type { EndpointTrust, NetworkSettings } from "#shared/network.ts";
import type { TransferView } from "#shared/transfer.ts";
import { DEFAULT_NETWORK } from "#shared/network.ts";
import { ProfileId } from "#shared/profile.ts";
import { EngineRig, isAtRest, untilView } from "../engine-rig.ts";
import type { EngineHost } from "../engine-host.ts";
import type { RetryNotice } from "../parts/ports.ts";
import { MemorySecrets } from "../profiles/fakes.ts";
import { selfSigned } from "../wire/self-signed.ts";

/**
 * For tests of the ways to an endpoint: an engine and its store, which is reached plainly or over
 * TLS, with a certificate that nobody vouches for.
 */
export class NetworkRig {
  readonly retries: RetryNotice[] = [];
  readonly logged: string[] = [];
  readonly secrets = new MemorySecrets();
  readonly pem: string;
  readonly pinnedSha256: string;
  readonly #rig: EngineRig;
  readonly #secure: Server;
  readonly #securePort: number;
  #client: Client | null = null;
  #count = 0;

  static async open(host: Partial<EngineHost> = {}): Promise<NetworkRig> {
    const rig = await EngineRig.open();
    const credentials = selfSigned("localhost");
    const { port } = new URL(rig.sandbox.endpoint);
    const secure = createServer(credentials, (client) => {
      const store = connect(Number(port), "127.0.0.1");
      client.on("error", () => store.destroy()).pipe(store);
      store.on("error", () => client.destroy()).pipe(client);
    });
    secure.listen(0, "localhost");
    await once(secure, "listening");
    const made = new NetworkRig(rig, secure, credentials.cert);
    await made.#start(host);
    return made;
  }

  private constructor(rig: EngineRig, secure: Server, pem: string) {
    this.#rig = rig;
    this.#secure = secure;
    this.pem = pem;
    this.pinnedSha256 = createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");
    const address = secure.address();
    this.#securePort = typeof address === "object" && address !== null ? address.port : 0;
  }

  async #start(host: Partial<EngineHost>): Promise<void> {
    this.#client = await this.#rig.start({
      secrets: this.secrets,
      random: () => 0,
      waits: { stallMs: 5000, connectTimeoutMs: 1000 },
      onRetry: (notice) => void this.retries.push(notice),
      log: (_level, text) => void this.logged.push(text),
      ...host,
    });
  }

  get client(): Client {
    if (this.#client === null) throw new Error("the engine is not started");
    return this.#client;
  }

  get folder(): string {
    return this.#rig.folder;
  }

  get plainUrl(): string {
    return this.#rig.sandbox.endpoint;
  }

  get secureUrl(): string {
    return `https://localhost:${this.#securePort}`;
  }

  async network(change: Partial<NetworkSettings>): Promise<void> {
    const network = { ...DEFAULT_NETWORK, proxy: { kind: "none" } as const, ...change };
    await this.client.call("settings.set", { network });
    this.retries.length = 0;
  }

  async file(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    return path;
  }

  /** A profile for one way to the store. */
  async profile(url: string, trust?: EndpointTrust): Promise<ProfileId> {
    this.#count += 1;
    const id = ProfileId.parse(`way-${this.#count}`);
    const { accessKeyId, secretAccessKey } = this.#rig.sandbox.credentials;
    const profile = {
      ...this.#rig.profile(),
      id,
      name: `Way ${this.#count}`,
      preset: "custom",
      endpoint: { kind: "url", url },
      credentials: { kind: "stored", accessKeyId },
      ...(trust && { trust }),
    } as const;
    await this.client.call("profile.save", { profile, secret: { secretAccessKey } });
    return id;
  }

  /** Sends some bytes there and, if that went well, fetches them back. */
  async roundTrip(
    profileId: ProfileId,
    sizeBytes: number,
  ): Promise<{ up: TransferView; isSame: boolean }> {
    this.#count += 1;
    const name = `way-${this.#count}.bin`;
    const bytes = randomBytes(sizeBytes);
    const path = join(this.folder, name);
    await writeFile(path, bytes);
    const destination = { profileId, bucket: "lab", prefix: "ways/" };
    const sent = await this.client.call("transfer.upload", { sources: [{ path }], destination });
    const up = await untilView(this.client, sent.id, isAtRest);
    if (up.state.phase !== "done") return { up, isSame: false };
    const folder = join(this.folder, `back-${this.#count}`);
    await mkdir(folder);
    const got = await this.client.call("transfer.download", {
      profileId,
      bucket: "lab",
      keys: [`ways/${name}`],
      folder: { path: folder },
    });
    const down = await untilView(this.client, got.id, isAtRest);
    if (down.state.phase !== "done") return { up: down, isSame: false };
    return { up, isSame: (await readFile(join(folder, name))).equals(bytes) };
  }

  /** Journal, logs and what the store keeps. */
  async everythingOnDisk(): Promise<Buffer> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Buffer.concat(
      await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))),
    );
  }

  async close(): Promise<void> {
    await this.#rig.close();
    this.#secure.close();
  }
}
