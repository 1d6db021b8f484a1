import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SandboxProcess } from "#main/profiles/sandbox-process.ts";
import { startSandbox } from "#main/profiles/sandbox-process.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
/** Other tests may have the machine. */
const SLOW = 90_000;
const isLinux = process.platform === "linux";

/** One for each way a secret gets into the program. */
const CANARY = {
  profile: "canaryProfile0123456789abcdefSECRETkey00",
  environment: "canaryEnvironment0123456789abcdefSECRET1",
  token: "canarySessionToken+/0123456789abcdefSEC=",
  userInfo: "canaryUserInfo0123456789",
} as const;

let base = "";
let home = "";
let sandbox: SandboxProcess;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "longhaul-secrets-"));
  home = join(base, "home");
  mkdirSync(home, { mode: 0o700 });
  const options = { dir: join(base, "store"), keysFile: join(base, "keys.json"), buckets: ["lab"] };
  sandbox = await startSandbox(options, AbortSignal.timeout(60_000));
}, SLOW);

afterAll(async () => {
  await sandbox.stop();
  rmSync(base, { recursive: true });
});

/** What was seen of a command and the processes below it. */
const seen = { arguments: "", environment: "" };

async function run(args: readonly string[], input = "", environment: object = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: base,
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: base,
      LONGHAUL_HOME: home,
      NODE_COMPILE_CACHE: join(base, "compiled"),
      AWS_ENDPOINT_URL: sandbox.endpoint,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7CANARY0",
      AWS_SECRET_ACCESS_KEY: CANARY.environment,
      ...environment,
    },
  });
  child.stdin.end(input);
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const watch = setInterval(() => lookAt(child.pid), 20);
  const [code] = await once(child, "close");
  clearInterval(watch);
  return { code: Number(code), ...said };
}

/** Arguments of the command and all below it, environment of those below it. */
function lookAt(root: number | undefined): void {
  if (!isLinux || root === undefined) return;
  const ours = [root];
  for (const [pid, parent] of processes()) if (ours.includes(parent)) ours.push(pid);
  for (const pid of ours) {
    seen.arguments += read(`/proc/${pid}/cmdline`);
    if (pid !== root) seen.environment += read(`/proc/${pid}/environ`);
  }
}

/** In the order of their ids: a child's parent comes before it, as a rule. */
function processes(): [pid: number, parent: number][] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
    .toSorted((a, b) => a - b)
    .map((pid) => [pid, Number(read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[1])]);
}

/** Empty for what is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** Every file of the home but the one whose purpose is to keep secrets, which is of mode 0600. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith("secrets.json"));
}

function formsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
}

function leaksIn(text: string): string[] {
  const forms = Object.entries(CANARY).flatMap(([name, secret]) =>
    formsOf(secret).map((form) => [name, form] as const),
  );
  return forms.filter(([, form]) => text.includes(form)).map(([name]) => name);
}

it(
  "no secret appears in a log, the journal, an argument, a child's environment or what is said",
  async () => {
    writeFileSync(join(base, "file.bin"), "some bytes");
    const url = sandbox.endpoint;
    const add = ["profiles", "add", "kept", "--endpoint-url", url, "--bucket", "lab"];
    const secret = `${CANARY.profile}\n${CANARY.token}`;
    const added = await run([...add, "--access-key-id", "AKIDKEPT", "--secret-stdin"], secret);
    expect(added.code).toBe(0);
    const diagnostics = join(base, "diagnostics.json");
    const all = [
      added,
      // Refused by the server, each in its own way.
      await run(["cp", "--profile", "kept", "--json", "file.bin", "s3://lab/kept/"]),
      await run(["ls", "s3://lab/"], "", { AWS_SESSION_TOKEN: CANARY.token }),
      await run(["ls", "s3://lab/"], "", {
        AWS_ENDPOINT_URL: url.replace("//", `//user:${CANARY.userInfo}@`),
      }),
      await run(["doctor", "--save", diagnostics]),
    ];
    expect(all.map(({ code }) => code)).toContain(6);
    for (const { out, err } of all) expect(leaksIn(out + err)).toEqual([]);
    expect(leaksIn(readFileSync(diagnostics, "utf8"))).toEqual([]);
    for (const path of filesBelow(home)) {
      expect([path, leaksIn(readFileSync(path, "latin1"))]).toEqual([path, []]);
    }
    expect(leaksIn(seen.environment)).toEqual([]);
    expect(statSync(join(home, "secrets.json")).mode & 0o077).toBe(0);
    expect(leaksIn(seen.arguments)).toEqual([]);
    expect(seen.arguments === "").toBe(!isLinux);
  },
  3 * SLOW,
);

it(
  "no secret is in the diagnostics, even where a log of old holds one",
  async () => {
    const msg = [
      `it said ${CANARY.profile} and ${encodeURIComponent(CANARY.token)}`,
      `then ${CANARY.environment} at https://user:${CANARY.userInfo}@host.example/`,
    ].join("\n");
    appendFileSync(
      join(home, "logs", "longhaul.log"),
      `${JSON.stringify({ level: 50, time: "2026-11-01T00:00:00.000Z", msg })}\n`,
    );
    const path = join(base, "with-old-log.json");
    const { out, code } = await run(["doctor", "--save", path]);
    expect([code, out]).toEqual([expect.any(Number), expect.stringContaining("with-old-log.json")]);
    const text = readFileSync(path, "utf8");
    expect(leaksIn(text)).toEqual([]);
    const found: unknown = JSON.parse(text);
    expect(found).toMatchObject({
      versions: { node: process.versions.node },
      settings: { maxUploads: expect.any(Number) },
      profiles: [{ profile: { name: "kept", credentials: { kind: "stored" } } }],
      log: expect.arrayContaining([
        expect.objectContaining({
          msg: expect.stringContaining("it said [removed] and [removed]"),
        }),
      ]),
    });
    expect(statSync(path).mode & 0o077).toBe(0);
    const again = await run(["doctor", "--save", path]);
    expect(again.out).toContain("FAILED");
  },
  SLOW,
);
