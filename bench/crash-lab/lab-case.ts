import type { ChildProcess } from "node:child_process";
import type { LabStore } from "./lab-store.ts";
import type { Exchange, Twice } from "./moved-twice.ts";
import type { Tree } from "./tree.ts";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { BUCKET } from "./lab-store.ts";
import { movedTwice } from "./moved-twice.ts";
import { readFolder } from "./tree.ts";

export const PROGRAM = fileURLToPath(new URL("../../out/app/cli.js", import.meta.url));
export const CONNECTIONS = 8;
/** The longest range that a connection fetches at once. */
const RANGE_BYTES = 16 * 1024 * 1024;
/** The store notes the end of a request a little after its client was killed; a start takes longer. */
const NOTED_WITHIN_MS = 150;
/**
 * A start that takes longer than that is a stall. Undisturbed it takes a few seconds; what rests
 * because three kills in a row came before it got any further (row J10) goes on after a minute.
 */
const RUN_WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 200;
/** A server that has nothing left to do is told to end when it has had a look at it. */
const SERVES_MS = 1500;
const PROFILE = "lab";
const SERVE: readonly string[] = ["serve", "--port", "0"];

export type Direction = "up" | "down";

export type CaseOptions = {
  readonly direction: Direction;
  /** Has the home and the destination; made here. */
  readonly folder: string;
  readonly store: LabStore;
  readonly tree: Tree;
  /** Where the objects of the tree go, or are. */
  readonly prefix: string;
  readonly megabytesPerSecond: number | null;
  /** What goes on after a kill: the same command again, or `longhaul serve` by itself. */
  readonly goesOn?: "command" | "serve";
};

/** How a start of the program ended. */
export type Ending = { readonly kind: "done" | "killed" | "failed"; readonly text: string };

export type Run = {
  readonly child: ChildProcess;
  readonly startedAtMs: number;
  readonly ended: Promise<Ending>;
};

/**
 * One transfer over one home: the same `longhaul cp`, killed and started again. Whatever is not as
 * it must be becomes a breach, in words.
 */
export class LabCase {
  readonly breaches: string[] = [];
  kills = 0;
  readonly #options: CaseOptions;
  /** The journal has the transfer. */
  #isNoted = false;
  readonly #startsMs: number[] = [];
  readonly #mark: number;

  constructor(options: CaseOptions) {
    this.#options = options;
    this.#mark = options.store.mark();
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    if (options.goesOn === "serve") this.#addProfile();
  }

  get home(): string {
    return join(this.#options.folder, "home");
  }

  get destination(): string {
    return join(this.#options.folder, "fetched");
  }

  /** What was asked of the store so far. */
  get log(): Exchange[] {
    return this.#options.store.logSince(this.#mark, this.#options.prefix);
  }

  /** @param under a program to start it under, and that one's arguments. */
  launch(under: readonly string[] = [], more: NodeJS.ProcessEnv = {}): Run {
    // A command that was killed before it could note what it was asked for left nothing to go on with.
    const isServed = this.#options.goesOn === "serve" && this.#isNoted;
    const given = isServed ? SERVE : this.#arguments();
    const command = [...under, process.execPath, PROGRAM, ...given];
    const startedAtMs = Date.now();
    this.#startsMs.push(startedAtMs + NOTED_WITHIN_MS);
    const child = spawn(command[0] ?? "", command.slice(1), {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...this.#environment(), ...more },
    });
    return { child, startedAtMs, ended: endingOf(child) };
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      HOME: this.#options.folder,
      LONGHAUL_HOME: this.home,
      UV_THREADPOOL_SIZE: "96",
      ...this.#options.store.environment,
    };
  }

  /** A profile that `serve` finds in the home; its keys are in the environment. */
  #addProfile(): void {
    const { endpoint } = this.#options.store;
    const sizes = ["--part-size", "5MiB", "--connections", `${CONNECTIONS}`];
    const place = ["--endpoint-url", endpoint, "--environment", "--bucket", BUCKET];
    const command = [PROGRAM, "profiles", "add", PROFILE, ...place, ...sizes];
    const { status, stderr } = spawnSync(process.execPath, command, { env: this.#environment() });
    if (status !== 0) throw new Error(`no profile: ${stderr.toString()}`);
  }

  #arguments(): string[] {
    const { direction, tree, prefix, megabytesPerSecond } = this.#options;
    const remote = `s3://${BUCKET}/${prefix}`;
    const ends = direction === "up" ? [`${tree.folder}/`, remote] : [remote, this.destination];
    const cap = megabytesPerSecond === null ? [] : ["--limit-rate", `${megabytesPerSecond}MB`];
    const sizes = ["--part-size", "5MiB", "--connections", `${CONNECTIONS}`];
    const profile = this.#options.goesOn === "serve" ? ["--profile", PROFILE] : [];
    return ["cp", ...ends, ...sizes, ...cap, ...profile];
  }

  /** After each kill: what has a final name is whole, and the journal opens. */
  async checkKilled(): Promise<void> {
    this.kills += 1;
    const { tree } = this.#options;
    for (const [name, digest] of await this.#arrived()) {
      if (tree.manifest.get(name) !== digest) this.#breach(`${name} is partial or wrong`);
    }
    this.checkJournal();
  }

  async #arrived(): Promise<ReadonlyMap<string, string>> {
    const { direction, store, prefix } = this.#options;
    return direction === "up" ? await store.read(prefix) : readFolder(this.destination).files;
  }

  /** Reads a copy, as a start would: opening the file itself would repair it. */
  checkJournal(): void {
    if (readdirSync(this.home).some((name) => name.includes("damaged"))) {
      this.#breach("the journal was set aside as damaged");
    }
    const path = join(this.home, "journal.db");
    if (!existsSync(path)) return;
    const copies = mkdtempSync(join(this.#options.folder, "journal-"));
    for (const ending of ["", "-wal"]) {
      if (existsSync(path + ending))
        copyFileSync(path + ending, join(copies, `journal.db${ending}`));
    }
    try {
      const database = new DatabaseSync(join(copies, "journal.db"));
      const found = String(database.prepare("PRAGMA quick_check").get()?.["quick_check"]);
      const hasTable = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'transfers'");
      const transfers = () =>
        database.prepare("SELECT 1 FROM transfers WHERE id IS NOT NULL").get();
      this.#isNoted ||= hasTable.get() !== undefined && transfers() !== undefined;
      database.close();
      if (found !== "ok") this.#breach(`the journal is damaged: ${found}`);
    } catch (error) {
      this.#breach(`the journal does not open: ${String(error)}`);
    }
    rmSync(copies, { recursive: true });
  }

  /** The same command once more, to its end. */
  async finish(): Promise<void> {
    const run = this.launch();
    if (this.#options.goesOn === "serve") await this.#stopWhenDone(run);
    const ending = await run.ended;
    if (ending.kind !== "done") this.#breach(`it did not go on by itself: ${ending.text}`);
    await this.checkDone();
  }

  /** What serves goes on by itself, and ends when it is told to. */
  async #stopWhenDone({ child }: Run): Promise<void> {
    await pause(SERVES_MS);
    while (child.exitCode === null && child.signalCode === null) {
      if (await this.#isThere()) break;
      await pause(LOOK_EVERY_MS);
    }
    child.kill("SIGTERM");
  }

  /** It rested at some time, and went on by itself (row J10). */
  get hasRested(): boolean {
    const path = join(this.home, "logs", "longhaul.log");
    return existsSync(path) && readFileSync(path, "utf8").includes("it rests for a while");
  }

  async #isThere(): Promise<boolean> {
    const { direction, store, tree, prefix } = this.#options;
    const arrived = await this.#arrived();
    if ([...tree.manifest.keys()].some((name) => !arrived.has(name))) return false;
    return direction === "up"
      ? (await store.unfinishedUploads(prefix)).length === 0
      : readFolder(this.destination).partials.length === 0;
  }

  /** Once the program has ended by itself. */
  async checkDone(): Promise<void> {
    const { direction, store, tree, prefix } = this.#options;
    const arrived = await this.#arrived();
    for (const [name, digest] of tree.manifest) {
      if (arrived.get(name) !== digest) {
        this.#breach(`${name} is ${arrived.has(name) ? "wrong" : "missing"} at the end`);
      }
    }
    for (const name of arrived.keys()) {
      if (!tree.manifest.has(name)) this.#breach(`${name} was never asked for`);
    }
    for (const key of await store.unfinishedUploads(direction === "up" ? prefix : "nothing/")) {
      this.#breach(`an unfinished upload of ${key} is left`);
    }
    for (const name of direction === "down" ? readFolder(this.destination).partials : []) {
      this.#breach(`the partial file ${name} is left`);
    }
    this.checkJournal();
  }

  /** What each kill made the program move again; judged against one part for each connection. */
  twice(): { readonly perKill: readonly Twice[]; readonly parts: readonly number[] } {
    // What the lab itself reads to compare is no part of it.
    const isOwn = (op = "") => this.#options.direction === "up" && op === "GetObject";
    const log = this.log.filter(({ op }) => !isOwn(op));
    const { perKill, within } = movedTwice(log, this.#startsMs);
    const parts = perKill
      .slice(0, -1)
      .map(({ bodies, bytes }) => bodies + Math.ceil(bytes / RANGE_BYTES));
    for (const [index, count] of parts.entries()) {
      if (count > CONNECTIONS) this.#breach(`kill ${index + 1} made it move ${count} parts twice`);
    }
    if (within.bodies + within.bytes > 0) {
      const what = `${within.bodies} bodies and ${within.bytes} bytes`;
      const starts = this.#startsMs.join(", ");
      this.#breach(
        `${what} moved twice without a kill: ${within.what.join("; ")}; starts ${starts}`,
      );
    }
    return { perKill, parts };
  }

  #breach(text: string): void {
    const { direction, folder } = this.#options;
    this.breaches.push(`${direction}, after kill ${this.kills} (${folder}): ${text}`);
  }

  stalled(): void {
    this.#breach("it stalled");
  }

  failed(text: string): void {
    this.#breach(`it ended instead of going on: ${text}`);
  }

  remove(): void {
    rmSync(this.#options.folder, { recursive: true, force: true });
  }
}

async function endingOf(child: ChildProcess): Promise<Ending> {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text = (text + chunk).slice(-2000);
  });
  const ended = new AbortController();
  void pause(RUN_WITHIN_MS, null, { signal: ended.signal }).then(
    () => {
      text += `\nnot done within ${RUN_WITHIN_MS} ms`;
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 5000).unref();
    },
    () => undefined,
  );
  await once(child, "close");
  ended.abort();
  // A tracer ends as its tracee did, by a signal or with the number that shells make of it.
  const isKilled = child.signalCode === "SIGKILL" || child.exitCode === 137;
  if (text.includes("not done within")) return { kind: "failed", text };
  if (isKilled) return { kind: "killed", text };
  // A server that is told to end says so by its code, or has not got so far that it could.
  const isTold = child.exitCode === 143 || child.signalCode === "SIGTERM";
  return child.exitCode === 0 || isTold
    ? { kind: "done", text }
    : { kind: "failed", text: `exit ${child.exitCode}: ${text}` };
}
