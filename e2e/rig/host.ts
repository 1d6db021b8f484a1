import { join } from "node:path";
import { runCommand, endProgram, startProgram } from "./program.ts";
import type { Program } from "./program.ts";
import type { Store } from "./store.ts";

/** The program as somebody runs it for a browser, over one home that outlives it. */
export class Host {
  /** What the page may see; the engine's own home is `home` in it. */
  readonly folder: string;
  readonly home: string;
  #program: Program | null = null;

  constructor(folder: string) {
    this.folder = folder;
    this.home = join(folder, "longhaul-home");
  }

  /** Starts it, again after a kill, and answers the address with the token. */
  async start(): Promise<string> {
    const args = ["serve", "--port", "0", "--root", this.folder];
    this.#program = await startProgram("cli", args, this.#environment());
    return this.#program.firstLine;
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    if (this.#program) await endProgram(this.#program, "SIGKILL");
    this.#program = null;
  }

  async stop(): Promise<void> {
    if (this.#program) await endProgram(this.#program, "SIGTERM");
    this.#program = null;
  }

  /** Adds a profile for the store from the command line, while nothing runs. */
  async addProfile(name: string, store: Store, connections: number): Promise<void> {
    const { endpoint, keys } = store;
    const place = ["--endpoint-url", endpoint, "--addressing", "path", "--preset", "custom"];
    const size = ["--connections", String(connections)];
    const key = ["--access-key-id", keys.accessKeyId, "--secret-stdin"];
    const args = ["profiles", "add", name, ...place, ...size, ...key];
    await runCommand(args, this.#environment(), `${keys.secretAccessKey}\n`);
  }

  #environment(): Record<string, string> {
    return { LONGHAUL_HOME: this.home, HOME: this.folder };
  }
}
