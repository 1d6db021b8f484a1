import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeFully } from "./file-access.ts";
import { OpenFiles } from "./open-files.ts";

let folder: string;
let files: OpenFiles;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longhaul-files-"));
  files = new OpenFiles();
});
afterEach(async () => {
  await files.closeAll();
  await rm(folder, { recursive: true });
});

async function create(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, "");
  return path;
}

/** Descriptors of this process that point into the test's folder. */
async function openCount(): Promise<number> {
  const links = await readdir("/proc/self/fd", { withFileTypes: true });
  const { readlink } = await import("node:fs/promises");
  const targets = await Promise.all(
    links.map((link) => readlink(join("/proc/self/fd", link.name)).catch(() => "")),
  );
  return targets.filter((target) => target.startsWith(folder)).length;
}

it("keeps one descriptor for all who write a file", async () => {
  const path = await create("a");
  const fds = await Promise.all([1, 2, 3].map(() => files.use(path, async (fd) => fd)));
  expect(new Set(fds).size).toBe(1);
  await files.sync(path);
});

it("closes a file only when nobody writes it any more", async () => {
  const path = await create("a");
  const [writing, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const order: string[] = [];
  const use = files.use(path, async (fd) => {
    writing.resolve();
    await finish.promise;
    await writeFully(fd, Buffer.from("abc"), 0);
    order.push("written");
  });
  await writing.promise;
  const closed = files.close(path).then(() => order.push("closed"));
  finish.resolve();
  await Promise.all([use, closed]);
  expect(order).toEqual(["written", "closed"]);
  expect(await readFile(path, "utf8")).toBe("abc");
});

it("opens the new file of a name once the old one was closed", async () => {
  const path = await create("a");
  await files.use(path, (fd) => writeFully(fd, Buffer.from("old"), 0));
  await files.close(path);
  await rename(path, join(folder, "b"));
  await create("a");
  await files.use(path, (fd) => writeFully(fd, Buffer.from("new"), 0));
  expect(await readFile(path, "utf8")).toBe("new");
  expect(await readFile(join(folder, "b"), "utf8")).toBe("old");
});

it.skipIf(process.platform !== "linux")("keeps a bounded number of idle files open", async () => {
  for (let index = 0; index < 100; index += 1) {
    await files.use(await create(`f${index}`), async () => undefined);
  }
  expect(await openCount()).toBeLessThanOrEqual(33);
  await files.closeAll();
  expect(await openCount()).toBe(0);
});

it.skipIf(process.platform !== "linux")("D17 closes what nobody uses", async () => {
  const paths = [await create("idle"), await create("used")] as const;
  await files.use(paths[0], (fd) => writeFully(fd, Buffer.from("abc"), 0));
  await files.use(paths[1], async () => {
    await files.closeIdle();
    expect(await openCount()).toBe(1);
  });
});

it("tries again to open a file that was not there", async () => {
  const path = join(folder, "late");
  const touch = () => files.use(path, async () => "open");
  await expect(touch()).rejects.toMatchObject({ code: "folder-missing" });
  await create("late");
  await expect(touch()).resolves.toBe("open");
});

it("D14 refuses a link planted in the place of a part file", async () => {
  await create("victim");
  const path = join(folder, "link");
  await symlink(join(folder, "victim"), path);
  const write = files.use(path, (fd) => writeFully(fd, Buffer.from("x"), 0));
  await expect(write).rejects.toMatchObject({ code: "path-unsafe" });
  expect(await readFile(join(folder, "victim"), "utf8")).toBe("");
});

it("has nothing to do for a file that is not open", async () => {
  await expect(files.close(join(folder, "never"))).resolves.toBeUndefined();
});
