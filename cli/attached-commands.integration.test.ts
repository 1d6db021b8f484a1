/** What a command does whose transfers another process runs. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Launched } from "./process-rig.ts";
import { useAttached } from "./attach-rig.ts";
import { MiB, SLOW, WITHIN } from "./process-rig.ts";

const { areUnderWay, processes, serve, makeFile, broughtBack } = useAttached("attached");
const { launch, launchWith, launchOnTerminal, run, requestsFor, partsOf } = processes;

const isLinux = process.platform === "linux";

/** Gives the store's keys as a cloud gives a role's: for `lastMs`, each time with another token. */
async function roleServer(lastMs: () => number) {
  const { accessKeyId, secretAccessKey } = processes.sandbox.credentials;
  const tokens: string[] = [];
  const server = createServer((_request, response) => {
    tokens.push(`canary-session-token-${tokens.length}`);
    const Expiration = new Date(Date.now() + lastMs()).toISOString();
    const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Expiration };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ...keys, Token: tokens.at(-1) }));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const variables = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/keys`,
    AWS_ENDPOINT_URL: processes.sandbox.endpoint,
  };
  return { variables, tokens };
}

/** All that any process of the home logged. */
function logged(): string {
  const logs = join(processes.folder, "home", "logs");
  if (!existsSync(logs)) return "";
  return readdirSync(logs)
    .map((name) => readFileSync(join(logs, name), "utf8"))
    .join("");
}

it(
  "asks who lent keys for newer ones before they expire, and logs none of them",
  async () => {
    await serve();
    const bytes = makeFile("big.bin", 20 * MiB);
    const { variables, tokens } = await roleServer(() => 4_000);
    const args = ["--part-size", "5MiB", "--limit-rate", "2MB", "big.bin", "s3://lab/role/"];
    const copying = launchWith(variables, "cp", "-q", ...args);
    const { code, err } = await copying.ended;
    expect([code, err]).toEqual([0, ""]);
    // For the hello, and at least once after it.
    expect(tokens.length).toBeGreaterThan(1);
    expect((await broughtBack("s3://lab/role/big.bin")).equals(bytes)).toBe(true);
    const { secretAccessKey } = processes.sandbox.credentials;
    for (const secret of [secretAccessKey, ...tokens]) expect(logged()).not.toContain(secret);
  },
  SLOW,
);

it(
  "waits for keys when lent ones have expired and who lent them is gone, until the command comes again",
  async () => {
    await serve();
    const bytes = makeFile("big.bin", 20 * MiB);
    let lastMs = 3_000;
    const { variables } = await roleServer(() => lastMs);
    const args = ["cp", "-q", "--part-size", "5MiB", "big.bin", "s3://lab/gone/"];
    const copying = launchWith(variables, ...args, "--limit-rate", "1MB");
    await expect.poll(() => requestsFor("gone/big.bin").length, WITHIN).toBeGreaterThan(0);
    copying.child.kill("SIGKILL");
    await expect
      .poll(async () => (await run("queue", "ls")).out, { timeout: 40_000, interval: 500 })
      .toContain("paused (credentials)");
    lastMs = 3_600_000;
    expect((await launchWith(variables, ...args).ended).code).toBe(0);
    expect((await broughtBack("s3://lab/gone/big.bin")).equals(bytes)).toBe(true);
  },
  SLOW,
);

it(
  "stops its own transfer at Ctrl-C, and leaves the owner's others alone",
  async () => {
    const owner = await serve();
    for (const name of ["mine.bin", "other.bin"]) makeFile(name, 30 * MiB);
    const [mine, other] = ["mine.bin", "other.bin"].map((name) =>
      launch("cp", "--part-size", "5MiB", "--limit-rate", "4MB", name, "s3://lab/stop/"),
    ) as [Launched, Launched];
    await areUnderWay(2);
    mine.child.kill("SIGINT");
    const { code, out, err } = await mine.ended;
    expect([code, out]).toEqual([130, ""]);
    expect(err).toContain("Stopped. What was moved is kept; to go on: longhaul cp --part-size");
    const listed = (await run("queue", "ls")).out;
    expect(listed).toMatch(/paused \(user\).*mine\.bin/);
    expect(listed).toMatch(/(running|done).*other\.bin/);
    const sent = partsOf("stop/mine.bin").length;
    expect((await run("cp", "-q", "--part-size", "5MiB", "mine.bin", "s3://lab/stop/")).code).toBe(
      0,
    );
    // Of what was kept nothing is sent again, but for what was on its way.
    expect(partsOf("stop/mine.bin").length - sent).toBeLessThanOrEqual(6);
    expect((await other.ended).code).toBe(0);
    expect(owner.child.exitCode).toBe(null);
  },
  SLOW,
);

it.skipIf(!isLinux)(
  "does not claim to have stopped what a stopped owner may go on with, and a second Ctrl-C leaves at once",
  async () => {
    const owner = await serve();
    for (const name of ["once.bin", "twice.bin"]) makeFile(name, 20 * MiB);
    const [once_, twice] = ["once.bin", "twice.bin"].map((name) =>
      launch("cp", "--limit-rate", "1MB", name, "s3://lab/silent/"),
    ) as [Launched, Launched];
    for (const one of [once_, twice]) {
      // By then it knows its transfer, and has something to stop.
      await expect.poll(() => one.said.err, WITHIN).toContain("joins its queue");
    }
    owner.child.kill("SIGSTOP");
    for (const one of [once_, twice]) {
      await expect.poll(() => one.said.err, WITHIN).toContain("does not answer");
      one.child.kill("SIGINT");
    }
    await new Promise((done) => setTimeout(done, 400));
    twice.child.kill("SIGINT");
    expect((await twice.ended).code).toBe(130);
    expect(once_.child.exitCode).toBe(null);
    const { code, err } = await once_.ended;
    expect([code, err]).toEqual([130, expect.stringContaining("Not stopped: the other Longhaul")]);
  },
  SLOW,
);

it.skipIf(!existsSync("/usr/bin/script"))(
  "asks about a conflict on the terminal of the command, not of its owner",
  async () => {
    const owner = await serve();
    const first = makeFile("note.bin", 1000);
    await run("cp", "-q", "note.bin", "s3://lab/asked/");
    const second = makeFile("note.bin", 1001);
    const copying = launchOnTerminal("cp", "note.bin", "s3://lab/asked/");
    await expect.poll(() => copying.said.out, WITHIN).toContain("[k]eep both");
    expect(copying.said.out).toContain("Other content is already there: note.bin");
    copying.child.stdin?.write("r\r");
    expect((await copying.ended).code).toBe(0);
    expect(first.equals(second)).toBe(false);
    expect((await broughtBack("s3://lab/asked/note.bin")).equals(second)).toBe(true);
    expect(owner.said.err).toBe("");
  },
  SLOW,
);

it(
  "obeys --on-conflict of an attached command, and asks nobody where nobody can be asked",
  async () => {
    await serve();
    const first = makeFile("note.bin", 1000);
    await run("cp", "-q", "note.bin", "s3://lab/clash/");
    makeFile("note.bin", 1001);
    const refused = await run("cp", "-q", "note.bin", "s3://lab/clash/");
    expect(refused.code).not.toBe(0);
    expect((await broughtBack("s3://lab/clash/note.bin")).equals(first)).toBe(true);
    const skipped = await run("cp", "-q", "--on-conflict", "skip", "note.bin", "s3://lab/clash/");
    expect(skipped.code).toBe(0);
    expect((await broughtBack("s3://lab/clash/note.bin")).equals(first)).toBe(true);
    const third = makeFile("note.bin", 1002);
    const replace = ["--on-conflict", "replace", "note.bin", "s3://lab/clash/"];
    expect((await run("cp", "-q", ...replace)).code).toBe(0);
    expect((await broughtBack("s3://lab/clash/note.bin")).equals(third)).toBe(true);
  },
  SLOW,
);

it(
  "changes the queue of another process: pause, resume, move, cancel",
  async () => {
    await serve();
    for (const name of ["a.bin", "b.bin"]) makeFile(name, 60 * MiB);
    const copying = ["a.bin", "b.bin"].map((name) =>
      launch("cp", "-q", "--part-size", "5MiB", "--limit-rate", "2MB", name, "s3://lab/queue/"),
    );
    await areUnderWay(2);
    const rows = async () => (await run("queue", "ls")).out.trim().split("\n");
    const idOf = async (name: string) =>
      (await rows()).find((row) => row.includes(name))?.split(" ")[0] ?? "";
    const [a, b] = [await idOf("a.bin"), await idOf("b.bin")];
    expect((await run("queue", "pause", a)).out).toContain("paused (user)");
    expect((await run("queue", "resume", a)).out).toMatch(/queued|running/);
    const below = (await rows()).at(0)?.startsWith(a) ? b : a;
    expect((await run("queue", "move", below, "top")).code).toBe(0);
    expect((await rows()).at(0)).toMatch(new RegExp(`^${below}`));
    expect((await run("queue", "cancel", a)).code).toBe(0);
    expect((await copying[0]?.ended)?.code).not.toBe(0);
    const aborts = () => requestsFor("queue/a.bin").filter(({ op }) => op.startsWith("Abort"));
    await expect.poll(() => aborts().length, WITHIN).toBeGreaterThan(0);
    expect(copying[1]?.child.exitCode).toBe(null);
  },
  SLOW,
);
