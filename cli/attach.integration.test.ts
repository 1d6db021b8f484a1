import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { SandboxProcess } from "#main/profiles/sandbox-process.ts";
import { startSandbox } from "#main/profiles/sandbox-process.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const MiB = 1024 * 1024;
/** Other tests may have the machine. */
const SLOW = 90_000;
const WITHIN = { timeout: 30_000, interval: 20 };

let base = "";
let folder = "";
let sandbox: SandboxProcess;
const children: ChildProcess[] = [];

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "longhaul-attach-"));
  const options = {
    dir: join(base, "store"),
    keysFile: join(base, "keys.json"),
    buckets: ["lab"],
    logFile: join(base, "requests.jsonl"),
  };
  sandbox = await startSandbox(options, AbortSignal.timeout(60_000));
}, SLOW);
afterAll(async () => {
  await sandbox.stop();
  rmSync(base, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(base, "work-"));
});
afterEach(async () => {
  await Promise.all(
    children.splice(0).map(async (child) => {
      const gone =
        child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
      child.kill("SIGKILL");
      await gone;
    }),
  );
});

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Without keys for `serve`, so that only what is lent to it can sign. */
function launch(keys: Keys | null, ...args: string[]) {
  const variables = keys && {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL: sandbox.endpoint,
  };
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      LONGHAUL_HOME: join(folder, "home"),
      AWS_EC2_METADATA_DISABLED: "true",
      // The same sources are compiled a dozen times over otherwise.
      NODE_COMPILE_CACHE: join(base, "compiled"),
      ...variables,
    },
  });
  children.push(child);
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const ended = once(child, "close").then(([code]) => ({ code: Number(code), ...said }));
  return { child, said, ended };
}
const command = (...args: string[]) => launch(sandbox.credentials, ...args);
const run = async (...args: string[]) => await command(...args).ended;

async function serve() {
  const serving = launch(null, "serve", "--port", "0");
  await expect.poll(() => serving.said.out, WITHIN).toContain("#token=");
  return serving;
}

type Request = { readonly op: string; readonly key: string; readonly status: number };

function requestsFor(key: string): readonly Request[] {
  const lines = readFileSync(join(base, "requests.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Request).filter((one) => one.key === key);
}
const partsOf = (key: string) =>
  requestsFor(key).filter(({ op, status }) => op === "UploadPart" && status === 200);

it(
  "copies both ways through a serve that has no keys of its own",
  async () => {
    await serve();
    const bytes = randomBytes(12 * MiB);
    writeFileSync(join(folder, "big.bin"), bytes);
    const up = await run("cp", "big.bin", "s3://lab/attached/");
    expect([up.code, up.out]).toEqual([0, expect.stringContaining("s3://lab/attached/big.bin")]);
    expect(up.err).toContain("joins its queue");
    expect((await run("cp", "-q", "s3://lab/attached/big.bin", "back.bin")).code).toBe(0);
    expect(readFileSync(join(folder, "back.bin")).equals(bytes)).toBe(true);
    expect((await run("ls", "-q", "s3://lab/attached/")).out).toBe("attached/big.bin\n");
  },
  SLOW,
);

it(
  "J6 goes on by itself after the owner is killed, and finishes with right bytes",
  async () => {
    const owner = await serve();
    const second = await serve();
    const bytes = randomBytes(60 * MiB);
    writeFileSync(join(folder, "big.bin"), bytes);
    await run("limit", "set", "8MB");
    const copying = command("cp", "--part-size", "5MiB", "big.bin", "s3://lab/taken/");
    await expect.poll(() => partsOf("taken/big.bin").length, WITHIN).toBeGreaterThan(1);
    owner.child.kill("SIGKILL");
    await once(owner.child, "exit");
    const killedAtMs = performance.now();
    // It first asks the store which parts are there.
    const lists = () => requestsFor("taken/big.bin").filter(({ op }) => op === "ListParts").length;
    const before = lists();
    await expect.poll(lists, { timeout: 30_000, interval: 10 }).toBeGreaterThan(before);
    // Far above what is promised (3 s): other tests may have the machine.
    expect(performance.now() - killedAtMs).toBeLessThan(15_000);
    expect((await copying.ended).code).toBe(0);
    expect(second.child.exitCode).toBe(null);
    expect((await run("cp", "-q", "s3://lab/taken/big.bin", "back.bin")).code).toBe(0);
    expect(readFileSync(join(folder, "back.bin")).equals(bytes)).toBe(true);
  },
  SLOW,
);

/** Processes that have the journal open, as the kernel sees it. */
function journalHolders(): readonly number[] {
  const journal = join(folder, "home", "journal.db");
  return children.flatMap(({ pid }) => (pid !== undefined && hasOpen(pid, journal) ? [pid] : []));
}

function hasOpen(pid: number, path: string): boolean {
  try {
    const links = readdirSync(`/proc/${pid}/fd`);
    return links.some((link) => readlinkSync(`/proc/${pid}/fd/${link}`) === path);
  } catch {
    // It has just ended.
    return false;
  }
}

it.skipIf(process.platform !== "linux")(
  "J7 never writes beside an owner that is stopped, which goes on when it may",
  async () => {
    const owner = await serve();
    const bytes = randomBytes(20 * MiB);
    writeFileSync(join(folder, "big.bin"), bytes);
    await run("limit", "set", "4MB");
    const copying = command("cp", "-q", "--part-size", "5MiB", "big.bin", "s3://lab/stopped/");
    await expect.poll(() => requestsFor("stopped/big.bin").length, WITHIN).toBeGreaterThan(0);
    owner.child.kill("SIGSTOP");
    const second = await run("queue", "ls");
    expect([second.code, second.out]).toEqual([12, ""]);
    expect(second.err).toContain(`longhaul serve, process ${owner.child.pid}`);
    expect(second.err).toContain("does not answer");
    expect(journalHolders()).toEqual([owner.child.pid]);
    owner.child.kill("SIGCONT");
    expect((await copying.ended).code).toBe(0);
    expect((await run("cp", "-q", "s3://lab/stopped/big.bin", "back.bin")).code).toBe(0);
    expect(readFileSync(join(folder, "back.bin")).equals(bytes)).toBe(true);
  },
  SLOW * 2,
);
