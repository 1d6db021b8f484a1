import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { canTrace, MiB, SLOW, useProcesses } from "./process-rig.ts";

/** Needs strace, which makes a system call fail for a child process. */
const onStrace = it.skipIf(!canTrace());

const rig = useProcesses("disk");
const { launch, launchUnder, run, requestsFor } = rig;

let folder = "";
beforeEach(() => {
  ({ folder } = rig);
});

/** Makes a call fail where it names `path`, or is on a descriptor of it. */
const strace = (path: string, inject: string): string[] => [
  "strace",
  "-f",
  "-qq",
  "--seccomp-bpf",
  "-o",
  join(folder, "trace"),
  "-P",
  path,
  "-e",
  `trace=openat,${inject.split(":")[0] ?? ""}`,
  "-e",
  `inject=${inject}`,
];

const getsOf = (key: string) => requestsFor(key).filter(({ op }) => op === "GetObject");

const Line = z.looseObject({ type: z.string() });
const linesOf = (out: string) =>
  out
    .trim()
    .split("\n")
    .map((line) => Line.parse(JSON.parse(line)));

/** An object in the store. */
async function seed(key: string, sizeBytes: number): Promise<Buffer> {
  const bytes = randomBytes(sizeBytes);
  const ChecksumSHA256 = createHash("sha256").update(bytes).digest("base64");
  await rig.s3.send(new PutObjectCommand({ Bucket: "lab", Key: key, Body: bytes, ChecksumSHA256 }));
  return bytes;
}

/** A download that was killed on its way, and its partial file. */
async function begun(key: string): Promise<string> {
  const fetching = launch("cp", "--limit-rate", "4MB", `s3://lab/${key}`, "got/");
  const partial = await until(() => partIn("got"));
  await until(() => (statSync(partial).blocks * 512 > 4 * MiB ? true : null));
  // What was flushed by now is in the journal at the latest after a second more.
  await sleep(1200);
  fetching.child.kill("SIGKILL");
  await fetching.ended;
  return partial;
}

function partIn(name: string): string | null {
  const inside = join(folder, name);
  if (!existsSync(inside)) return null;
  const found = readdirSync(inside).find((each) => each.endsWith(".part"));
  return found === undefined ? null : join(inside, found);
}

async function until<T>(look: () => T | null): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== null) return found;
    await sleep(20);
  }
}

onStrace(
  "D3 EIO at a flush: what it was for is fetched again, and flushed by a file opened anew",
  async () => {
    const bytes = await seed("d3.bin", 32 * MiB);
    const partial = await begun("d3.bin");
    const before = getsOf("d3.bin").length;
    const failing = strace(partial, "fdatasync:error=EIO:when=1");
    const ended = await launchUnder(failing, "cp", "--json", "s3://lab/d3.bin", "got/").ended;
    expect(ended.code).toBe(0);
    expect(readFileSync(join(folder, "got/d3.bin")).equals(bytes)).toBe(true);
    expect(partIn("got")).toBe(null);
    const calls = readFileSync(join(folder, "trace"), "utf8").split("\n");
    const failed = calls.findIndex((line) => line.includes("EIO"));
    // The descriptor whose flush failed is not asked again before the file is opened once more.
    const [flush = ""] = /fdatasync\(\d+\)/.exec(calls[failed] ?? "") ?? [];
    expect(flush).not.toBe("");
    const isOpenOrSame = (line: string) => line.includes("openat") || line.includes(flush);
    const next = calls.slice(failed + 1).find(isOpenOrSame);
    expect(next).toContain("openat");
    const ranges = getsOf("d3.bin")
      .slice(before)
      .map(({ range }) => range);
    expect(ranges.length).toBeGreaterThan(new Set(ranges).size);
  },
  SLOW,
);

onStrace(
  "D3 EIO at every flush: pauses, says so, keeps what was durable; the next run finishes",
  async () => {
    const bytes = await seed("d3b.bin", 32 * MiB);
    const partial = await begun("d3b.bin");
    const failing = strace(partial, "fdatasync:error=EIO");
    const ended = await launchUnder(failing, "cp", "--json", "s3://lab/d3b.bin", "got/").ended;
    expect(ended.code).toBe(1);
    expect(linesOf(ended.out).at(-1)).toMatchObject({
      phase: "paused",
      error: { name: "DISK_FAILED", details: { cause: "EIO" } },
    });
    expect(existsSync(join(folder, "got/d3b.bin"))).toBe(false);
    const before = getsOf("d3b.bin").length;
    expect((await run("cp", "-q", "s3://lab/d3b.bin", "got/")).code).toBe(0);
    expect(readFileSync(join(folder, "got/d3b.bin")).equals(bytes)).toBe(true);
    // What a good flush had made durable before is not fetched again.
    const asked = getsOf("d3b.bin").slice(before);
    expect(asked.filter(({ range }) => range?.startsWith("0-"))).toEqual([]);
  },
  SLOW,
);

onStrace(
  "D19 a quota that the free space does not show: pauses as for a full disk, keeps what came",
  async () => {
    const bytes = await seed("d19.bin", 32 * MiB);
    const partial = await begun("d19.bin");
    const failing = strace(partial, "pwrite64:error=EDQUOT:when=4+");
    const ended = await launchUnder(failing, "cp", "--json", "s3://lab/d19.bin", "got/").ended;
    expect(ended.code).toBe(8);
    expect(linesOf(ended.out).at(-1)).toMatchObject({
      phase: "paused",
      error: { name: "DISK_LOW", details: { cause: "EDQUOT" } },
    });
    expect(partIn("got")).toBe(partial);
    expect((await run("cp", "-q", "s3://lab/d19.bin", "got/")).code).toBe(0);
    expect(readFileSync(join(folder, "got/d19.bin")).equals(bytes)).toBe(true);
  },
  SLOW,
);

onStrace(
  "D8 folder that cannot be flushed: the file is there, and its receipt says what was not promised",
  async () => {
    const bytes = await seed("d8.bin", MiB);
    mkdirSync(join(folder, "got"));
    const failing = strace(join(folder, "got"), "fsync:error=EINVAL");
    const ended = await launchUnder(failing, "cp", "--json", "s3://lab/d8.bin", "got/").ended;
    expect(ended.code).toBe(0);
    expect(readFileSync(join(folder, "got/d8.bin")).equals(bytes)).toBe(true);
    const item = linesOf(ended.out).find(({ type }) => type === "item");
    expect(JSON.stringify(item)).toContain("cannot flush a folder");
    expect(getsOf("d8.bin")).toHaveLength(1);
  },
  SLOW,
);

onStrace(
  "D5 name that is held for a moment (EBUSY): waits, and gives the file its name",
  async () => {
    const bytes = await seed("d5.bin", MiB);
    mkdirSync(join(folder, "got"));
    const target = join(folder, "got/d5.bin");
    const failing = strace(target, "link,linkat:error=EBUSY:when=1..3");
    const startedMs = Date.now();
    const ended = await launchUnder(failing, "cp", "-q", "s3://lab/d5.bin", "got/").ended;
    expect(ended).toMatchObject({ code: 0, err: "" });
    // 100, 200 and 400 ms.
    expect(Date.now() - startedMs).toBeGreaterThan(700);
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(getsOf("d5.bin")).toHaveLength(1);
  },
  SLOW,
);

onStrace(
  "D16 source that another program holds: tries five times more, then pauses and says so",
  async () => {
    const source = join(folder, "d16.bin");
    writeFileSync(source, randomBytes(MiB));
    const held = (when: string) => strace(source, `openat,open:error=EBUSY:when=${when}`);
    const ended = await launchUnder(held("1+"), "cp", "--json", "d16.bin", "s3://lab/").ended;
    expect(linesOf(ended.out).at(-1)).toMatchObject({
      phase: "paused",
      error: { name: "PATH_DENIED", what: `Another program holds ${source}.` },
    });
    const tries = readFileSync(join(folder, "trace"), "utf8").match(/EBUSY/g);
    expect(tries).toHaveLength(6);
    const again = await launchUnder(held("1..2"), "cp", "-q", "d16.bin", "s3://lab/").ended;
    expect(again).toMatchObject({ code: 0 });
  },
  SLOW,
);

it(
  "D4 EFBIG, a file longer than the file system keeps: says so; shorter files arrive",
  async () => {
    await seed("d4/long.bin", 24 * MiB);
    const short = await seed("d4/short.bin", MiB);
    const limited = ["bash", "-c", 'ulimit -f 20000; exec "$@"', "bash"];
    const ended = await launchUnder(limited, "cp", "--json", "s3://lab/d4/", "got/").ended;
    expect(ended.code).toBe(1);
    const items = linesOf(ended.out).filter(({ type }) => type === "item");
    expect(items).toMatchObject([{ phase: "failed", error: { details: { cause: "EFBIG" } } }, {}]);
    expect(JSON.stringify(items)).toContain("keeps no file of this size");
    expect(readFileSync(join(folder, "got/short.bin")).equals(short)).toBe(true);
    expect(readdirSync(join(folder, "got"))).toEqual(["short.bin"]);
    expect(getsOf("d4/long.bin")).toEqual([]);
  },
  SLOW,
);

it(
  "D17 few descriptors (ulimit -n 64): fewer at once, every file right",
  async () => {
    mkdirSync(join(folder, "tree"));
    const files = Array.from({ length: 60 }, (_, n) => [`${n}.bin`, randomBytes(300_000)] as const);
    for (const [name, bytes] of files) writeFileSync(join(folder, "tree", name), bytes);
    const limited = ["bash", "-c", 'ulimit -n 64; exec "$@"', "bash"];
    const up = await launchUnder(limited, "cp", "-q", "tree", "s3://lab/d17/").ended;
    expect(up).toMatchObject({ code: 0, err: "" });
    const down = await launchUnder(limited, "cp", "-q", "s3://lab/d17/", "back/").ended;
    expect(down).toMatchObject({ code: 0, err: "" });
    for (const [name, bytes] of files) {
      expect(readFileSync(join(folder, "back", name)).equals(bytes)).toBe(true);
    }
  },
  SLOW,
);
