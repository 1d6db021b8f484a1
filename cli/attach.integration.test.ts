import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import type { Launched } from "./process-rig.ts";
import { MiB, SLOW, useProcesses, WITHIN } from "./process-rig.ts";

const rig = useProcesses("attach");
const { launch, launchWith, launchOnTerminal, run, requestsFor, partsOf, children } = rig;

let folder = "";
beforeEach(() => {
  ({ folder } = rig);
});

const isServing = async (serving: Launched) =>
  await expect.poll(() => serving.said.out, WITHIN).toContain("#token=");

/** Without keys, so that only what is lent to it can sign. */
async function serve(): Promise<Launched> {
  const serving = launchWith({}, "serve", "--port", "0");
  await isServing(serving);
  return serving;
}

function makeFile(name: string, sizeBytes: number): Buffer {
  const bytes = randomBytes(sizeBytes);
  writeFileSync(join(folder, name), bytes);
  return bytes;
}

/** What the store has under a key, as a command brings it. */
async function broughtBack(uri: string): Promise<Buffer> {
  const { code, err } = await run("cp", "-q", "--on-conflict", "replace", uri, "back.bin");
  expect([code, err]).toEqual([0, ""]);
  return readFileSync(join(folder, "back.bin"));
}

const hasParts = async (key: string, least = 1) =>
  await expect.poll(() => partsOf(key).length, WITHIN).toBeGreaterThanOrEqual(least);

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

const isLinux = process.platform === "linux";

it(
  "copies both ways through a serve that has no keys of its own",
  async () => {
    await serve();
    const bytes = makeFile("big.bin", 12 * MiB);
    const up = await run("cp", "big.bin", "s3://lab/attached/");
    expect([up.code, up.out]).toEqual([0, expect.stringContaining("s3://lab/attached/big.bin")]);
    expect(up.err).toContain("joins its queue");
    expect((await broughtBack("s3://lab/attached/big.bin")).equals(bytes)).toBe(true);
    expect((await run("ls", "-q", "s3://lab/attached/")).out).toBe("attached/big.bin\n");
  },
  SLOW,
);

it(
  "J5 twenty commands that start at once all do their work, and one engine at a time has the journal",
  async ({ annotate }) => {
    const files = Array.from({ length: 20 }, (_, index) => `${index}.bin`);
    const contents = files.map((name) => makeFile(name, 64 * 1024));
    const all = files.map((name) => launch("cp", "-q", name, "s3://lab/twenty/"));
    let most = 0;
    const owners = new Set<number>();
    const watch = setInterval(() => {
      const holders = journalHolders();
      most = Math.max(most, holders.length);
      for (const pid of holders) owners.add(pid);
    }, 50);
    const begunAtMs = performance.now();
    onTestFinished(() => clearInterval(watch));
    const ends = await Promise.all(all.map(async ({ ended }) => await ended));
    expect(ends.map(({ code, err }) => [code, err])).toEqual(files.map(() => [0, ""]));
    const tookMs = Math.round(performance.now() - begunAtMs);
    await annotate(`${owners.size} had the home, one after the other, in ${tookMs} ms`);
    if (isLinux) expect(most).toBe(1);
    const puts = files.map(
      (name) => requestsFor(`twenty/${name}`).filter(({ op }) => op === "PutObject").length,
    );
    expect(puts).toEqual(files.map(() => 1));
    expect((await run("cp", "-q", "s3://lab/twenty/", "back")).code).toBe(0);
    const back = files.map((name) => readFileSync(join(folder, "back", name)));
    expect(back.every((bytes, index) => contents[index]?.equals(bytes))).toBe(true);
  },
  // Twenty programs that load take their time where others have the machine, too.
  3 * SLOW,
);

/** Milliseconds from the end of the owner until the transfer of `key` is taken up again. */
async function takeOver(owner: Launched, key: string): Promise<number> {
  // It first asks the store which parts are there.
  const lists = () => requestsFor(key).filter(({ op }) => op === "ListParts").length;
  const before = lists();
  owner.child.kill("SIGKILL");
  await once(owner.child, "exit");
  const killedAtMs = performance.now();
  await expect.poll(lists, { timeout: 30_000, interval: 5 }).toBeGreaterThan(before);
  return performance.now() - killedAtMs;
}

/** Far above what is promised (3 s): other tests may have the machine. */
const TAKEN_WITHIN_MS = 15_000;

it(
  "J6 goes on by itself after the owner is killed, and finishes with right bytes",
  async ({ annotate }) => {
    const owner = await serve();
    const second = await serve();
    const bytes = makeFile("big.bin", 40 * MiB);
    await run("limit", "set", "8MB");
    const copying = launch("cp", "--part-size", "5MiB", "big.bin", "s3://lab/taken/");
    await hasParts("taken/big.bin", 2);
    const tookMs = await takeOver(owner, "taken/big.bin");
    await annotate(`a serve took over in ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(TAKEN_WITHIN_MS);
    await run("limit", "set", "off");
    expect((await copying.ended).code).toBe(0);
    expect(second.child.exitCode).toBe(null);
    expect((await broughtBack("s3://lab/taken/big.bin")).equals(bytes)).toBe(true);
  },
  SLOW,
);

it(
  "J6 goes on with the transfers of all commands when one of them takes over a killed owner",
  async ({ annotate }) => {
    const owner = await serve();
    const bytes = ["a.bin", "b.bin"].map((name) => makeFile(name, 30 * MiB));
    const copying = ["a.bin", "b.bin"].map((name) =>
      launch("cp", "-q", "--part-size", "5MiB", "--limit-rate", "4MB", name, "s3://lab/heirs/"),
    );
    await Promise.all([hasParts("heirs/a.bin"), hasParts("heirs/b.bin")]);
    const lists = () => requestsFor("heirs/b.bin").filter(({ op }) => op === "ListParts").length;
    const before = lists();
    const tookMs = await takeOver(owner, "heirs/a.bin");
    await annotate(`a command took over in ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(TAKEN_WITHIN_MS);
    // Neither waits for the other to end.
    await expect.poll(lists, WITHIN).toBeGreaterThan(before);
    expect(copying.map(({ child }) => child.exitCode)).toEqual([null, null]);
    const ends = await Promise.all(copying.map(async ({ ended }) => await ended));
    expect(ends.map(({ code, err }) => [code, err])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    expect((await broughtBack("s3://lab/heirs/a.bin")).equals(bytes[0] as Buffer)).toBe(true);
    expect((await broughtBack("s3://lab/heirs/b.bin")).equals(bytes[1] as Buffer)).toBe(true);
  },
  SLOW,
);

it.skipIf(!isLinux)(
  "J7 never writes beside an owner that is stopped, says so, and goes on when it answers",
  async () => {
    const owner = await serve();
    const bytes = makeFile("big.bin", 20 * MiB);
    const args = ["--part-size", "5MiB", "--limit-rate", "2MB", "big.bin", "s3://lab/stopped/"];
    const copying = launch("cp", "-q", ...args);
    await expect.poll(() => requestsFor("stopped/big.bin").length, WITHIN).toBeGreaterThan(0);
    owner.child.kill("SIGSTOP");
    const second = await run("queue", "ls");
    expect([second.code, second.out]).toEqual([12, ""]);
    expect(second.err).toContain(`longhaul serve, process ${owner.child.pid}`);
    expect(second.err).toContain("does not answer");
    await expect
      .poll(() => copying.said.err, WITHIN)
      .toContain(`(longhaul serve, process ${owner.child.pid}) does not answer`);
    expect(journalHolders()).toEqual([owner.child.pid]);
    owner.child.kill("SIGCONT");
    await expect.poll(() => copying.said.err, WITHIN).toContain("The transfers go on");
    expect((await copying.ended).code).toBe(0);
    expect((await broughtBack("s3://lab/stopped/big.bin")).equals(bytes)).toBe(true);
  },
  SLOW,
);

it.skipIf(!isLinux)(
  "J7 takes over from an owner that is stopped as soon as it dies",
  async () => {
    const owner = await serve();
    const bytes = makeFile("big.bin", 20 * MiB);
    const args = ["--part-size", "5MiB", "--limit-rate", "4MB", "big.bin", "s3://lab/died/"];
    const copying = launch("cp", "-q", ...args);
    await hasParts("died/big.bin");
    owner.child.kill("SIGSTOP");
    await expect.poll(() => copying.said.err, WITHIN).toContain("does not answer");
    expect(journalHolders()).toEqual([owner.child.pid]);
    await takeOver(owner, "died/big.bin");
    expect(journalHolders()).toEqual([copying.child.pid]);
    expect((await copying.ended).code).toBe(0);
    expect((await broughtBack("s3://lab/died/big.bin")).equals(bytes)).toBe(true);
  },
  SLOW,
);

/** Gives the store's keys as a cloud gives a role's: for `lastMs`, each time with another token. */
async function roleServer(lastMs: () => number) {
  const { accessKeyId, secretAccessKey } = rig.sandbox.credentials;
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
    AWS_ENDPOINT_URL: rig.sandbox.endpoint,
  };
  return { variables, tokens };
}

/** All that any process of the home logged. */
function logged(): string {
  const logs = join(folder, "home", "logs");
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
    const { secretAccessKey } = rig.sandbox.credentials;
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
    await Promise.all([hasParts("stop/mine.bin"), hasParts("stop/other.bin")]);
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
  "a serve that comes while a command runs gets the home, and a command that ends leaves it to a serve",
  async () => {
    const bytes = makeFile("big.bin", 30 * MiB);
    const args = ["--part-size", "5MiB", "--limit-rate", "4MB", "big.bin", "s3://lab/handed/"];
    const copying = launch("cp", "-q", ...args);
    await hasParts("handed/big.bin");
    const serving = await serve();
    await expect.poll(() => journalHolders(), WITHIN).toEqual([serving.child.pid]);
    expect((await copying.ended).code).toBe(0);
    expect((await broughtBack("s3://lab/handed/big.bin")).equals(bytes)).toBe(true);
    expect(partsOf("handed/big.bin").length).toBeLessThanOrEqual(6 + 4);
  },
  SLOW,
);

it(
  "a serve that is attached to a command takes the home when that ends",
  async () => {
    const bytes = makeFile("big.bin", 20 * MiB);
    // What holds for its process only does not move to another, so it keeps the home.
    const args = ["--connections", "2", "--limit-rate", "4MB", "big.bin", "s3://lab/left/"];
    const copying = launch("cp", "-q", "--part-size", "5MiB", ...args);
    await hasParts("left/big.bin");
    const serving = await serve();
    if (isLinux) expect(journalHolders()).toEqual([copying.child.pid]);
    expect((await run("queue", "ls")).out).toContain("big.bin");
    expect((await copying.ended).code).toBe(0);
    if (isLinux) await expect.poll(journalHolders, WITHIN).toEqual([serving.child.pid]);
    expect((await broughtBack("s3://lab/left/big.bin")).equals(bytes)).toBe(true);
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
    await Promise.all([hasParts("queue/a.bin"), hasParts("queue/b.bin")]);
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
