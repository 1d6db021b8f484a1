import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mountTypeOf, networkName, openHomeFolder, resolveHome } from "./home-folder.ts";

type Env = Record<string, string>;

describe("resolveHome", () => {
  const ada = "/home/ada";
  it.each<[title: string, platform: NodeJS.Platform, env: Env, home: string]>([
    ["Linux", "linux", {}, "/home/ada/.local/share/longhaul"],
    ["Linux with XDG_DATA_HOME", "linux", { XDG_DATA_HOME: "/data" }, "/data/longhaul"],
    [
      "a relative XDG_DATA_HOME",
      "linux",
      { XDG_DATA_HOME: "x" },
      "/home/ada/.local/share/longhaul",
    ],
    ["macOS", "darwin", {}, "/home/ada/Library/Application Support/Longhaul"],
    ["LONGHAUL_HOME", "darwin", { LONGHAUL_HOME: "/srv/lh" }, "/srv/lh"],
    ["an empty LONGHAUL_HOME", "linux", { LONGHAUL_HOME: "" }, "/home/ada/.local/share/longhaul"],
    ["a relative LONGHAUL_HOME", "linux", { LONGHAUL_HOME: "lh" }, resolve("lh")],
    ["Windows", "win32", { LOCALAPPDATA: "/C/Local" }, "/C/Local/Longhaul"],
    ["Windows without LOCALAPPDATA", "win32", {}, "/home/ada/AppData/Local/Longhaul"],
  ])("%s", (...[, platform, env, home]) => {
    expect(resolveHome({ platform, env, userFolder: ada })).toBe(home);
  });
});

describe("openHomeFolder", () => {
  let folder: string;
  let home: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "longhaul-home-"));
    home = join(folder, "a", "longhaul");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it("makes a folder for its owner alone", async () => {
    await openHomeFolder(home);
    expect(await modeOf(home)).toBe(0o700);
    await openHomeFolder(home);
  });

  it.each(["", "lock.db"])("closes an open folder that is empty or ours (%s)", async (name) => {
    await mkdir(home, { recursive: true });
    await chmod(home, 0o755);
    if (name !== "") await writeFile(join(home, name), "");
    await openHomeFolder(home);
    expect(await modeOf(home)).toBe(0o700);
  });

  it("says what to do where a file is in the way", async () => {
    await writeFile(join(folder, "a"), "a file, not a folder");
    for (const path of [join(folder, "a"), home]) {
      await expect(openHomeFolder(path)).rejects.toMatchObject({
        code: "invalid",
        message: expect.stringContaining("set LONGHAUL_HOME"),
      });
    }
  });

  it("leaves alone a folder that is there for something else", async () => {
    await mkdir(home, { recursive: true });
    await chmod(home, 0o755);
    await writeFile(join(home, "thesis.tex"), "");
    await expect(openHomeFolder(home)).rejects.toMatchObject({
      code: "path-denied",
      message: expect.stringContaining("Choose a folder of its own"),
    });
    expect(await modeOf(home)).toBe(0o755);
  });
});

describe("networkName", () => {
  it.each([
    [0x6969, null, "NFS"],
    [0xff534d42 | 0, null, "CIFS"],
    [0xfe534d42, null, "SMB2"],
    [0x65735546, "fuse.sshfs", "fuse.sshfs"],
    [0x65735546, "fuse.mergerfs", null],
    [0x65735546, null, null],
    [0xef53, null, null],
  ])("%i %s: %s", (type, mountType, name) => expect(networkName(type, mountType)).toBe(name));
});

describe("mountTypeOf", () => {
  const table = [
    "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
    "40 22 0:35 / /mnt/x rw shared:2 - fuse.sshfs ada@lab:/ rw",
    String.raw`41 22 0:36 / /mnt/x\040y rw - xfs /dev/vdb rw`,
    "42 40 0:37 / /mnt/x/deep rw - tmpfs tmpfs rw",
    "",
  ].join("\n");

  it.each([
    ["/home/ada", "ext4"],
    ["/mnt/x", "fuse.sshfs"],
    ["/mnt/x/longhaul", "fuse.sshfs"],
    ["/mnt/x y/longhaul", "xfs"],
    ["/mnt/xyz", "ext4"],
    ["/mnt/x/deep/er", "tmpfs"],
  ])("%s is on %s", (path, type) => expect(mountTypeOf(table, path)).toBe(type));

  it("takes the later of two mounts on one point, which hides the other", () => {
    const twice = `${table}43 22 0:38 / /mnt/x rw - nfs4 lab:/x rw`;
    expect(mountTypeOf(twice, "/mnt/x/a")).toBe("nfs4");
  });
});
