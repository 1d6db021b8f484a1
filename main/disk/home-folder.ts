import { chmod, readdir, readFile, stat, statfs } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode } from "./disk-errors.ts";
import { makeFolders } from "./make-folders.ts";

/** What of the process decides where the home is. */
export type HomeSurroundings = {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The person's own home folder. */
  readonly userFolder: string;
};

/** The file whose lock says that an engine runs here; with it a folder is known as a home of ours. */
export const LOCK_FILE = "lock.db";

/** Of `statfs`, for file systems whose locks cannot be relied on, or whose caches hide writes. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x517b, "SMB"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x19830326, "BeeGFS"],
  [0x47504653, "GPFS"],
  [0x01021997, "9P"],
]);

/** FUSE says nothing about what is behind it; the mount table does. */
const FUSE = 0x65735546;
const NETWORK_FUSE_TYPES: ReadonlySet<string> = new Set([
  "fuse.sshfs",
  "fuse.rclone",
  "fuse.s3fs",
  "fuse.goofys",
  "fuse.mount-s3",
  "fuse.gcsfuse",
  "fuse.glusterfs",
  "fuse.ceph",
  "fuse.juicefs",
  "fuse.davfs2",
]);

export function thisProcess(): HomeSurroundings {
  return { platform: process.platform, env: process.env, userFolder: homedir() };
}

/**
 * The folder of the journal, the settings, the lock and what is under way: the same for every host
 * of one person. Absolute. `LONGHAUL_HOME` wins; an empty variable is none.
 */
export function resolveHome({ platform, env, userFolder }: HomeSurroundings): string {
  const chosen = env["LONGHAUL_HOME"];
  if (chosen) return resolve(chosen);
  if (platform === "darwin") return join(userFolder, "Library", "Application Support", "Longhaul");
  if (platform === "win32") {
    return join(env["LOCALAPPDATA"] || join(userFolder, "AppData", "Local"), "Longhaul");
  }
  // The XDG rules: a relative path counts as unset.
  const data = env["XDG_DATA_HOME"];
  const base = data?.startsWith("/") ? data : join(userFolder, ".local", "share");
  return join(base, "longhaul");
}

/**
 * Makes the home, or checks the one that is there: on a disk of this machine, and open to nobody
 * but its owner.
 *
 * @throws {LonghaulError} `unsupported` on a network file system; `path-denied` when it belongs to
 * somebody else, or is a folder that others use too; what `onDisk` throws.
 */
export async function openHomeFolder(path: string): Promise<void> {
  await onDisk(path, "write", async () => {
    await makeHome(path);
    await refuseNetwork(path);
    if (process.platform !== "win32") await closeToOthers(path);
  });
}

async function makeHome(path: string): Promise<void> {
  try {
    await makeFolders(path, 0o700);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EEXIST" && code !== "ENOTDIR") throw error;
    throw new LonghaulError(
      "invalid",
      `a file is where Longhaul's own folder ${path} must be; set LONGHAUL_HOME to a folder`,
      { details: { path, cause: code }, cause: error },
    );
  }
}

async function refuseNetwork(path: string): Promise<void> {
  const network = await findNetwork(path);
  if (network === null) return;
  throw new LonghaulError(
    "unsupported",
    `Longhaul's own folder ${path} is on ${network}, a network file system. Its locks cannot be ` +
      "relied on there, so two machines could write the same list of transfers. Set LONGHAUL_HOME " +
      "to a folder on a disk of this machine.",
    { details: { path, cause: network } },
  );
}

async function findNetwork(path: string): Promise<string | null> {
  if (path.startsWith(String.raw`\\`)) return "a network share";
  if (process.platform !== "linux") return null;
  const { type } = await statfs(path);
  if (type >>> 0 !== FUSE) return networkName(type, null);
  return networkName(type, mountTypeOf(await readFile("/proc/self/mountinfo", "utf8"), path));
}

/** @param type of `statfs`, signed or not. @param mountType for FUSE: `fuse.sshfs`. */
export function networkName(type: number, mountType: string | null): string | null {
  const magic = type >>> 0;
  if (magic === FUSE && mountType !== null && NETWORK_FUSE_TYPES.has(mountType)) return mountType;
  return NETWORK_FILE_SYSTEMS.get(magic) ?? null;
}

/**
 * The type of the mount that holds `path`: the longest mount point above it, the last of equals.
 *
 * @param mountInfo lines like `36 35 98:0 / /mnt/x rw,noatime shared:1 - fuse.sshfs host:/ rw`.
 */
export function mountTypeOf(mountInfo: string, path: string): string | null {
  let found = { point: "", type: null as string | null };
  for (const line of mountInfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    // Blanks in a mount point are written as octal escapes.
    const point = (before.split(" ")[4] ?? "").replaceAll("\\040", " ");
    const isAbove = point === "/" || path === point || path.startsWith(`${point}/`);
    if (point !== "" && isAbove && point.length >= found.point.length) {
      found = { point, type: after.split(" ")[0] ?? null };
    }
  }
  return found.type;
}

async function closeToOthers(path: string): Promise<void> {
  const { uid, mode } = await stat(path);
  if (uid !== process.getuid?.()) {
    throw new LonghaulError("path-denied", `${path} belongs to another user (uid ${uid})`, {
      details: { path },
    });
  }
  if ((mode & 0o077) === 0) return;
  const names = await readdir(path);
  // A folder that was there for something else, `/tmp` perhaps, is not ours to close.
  if (names.length > 0 && !names.includes(LOCK_FILE)) {
    throw new LonghaulError(
      "path-denied",
      `${path} holds other files and other users can read it, so it cannot become a home. Choose a folder of its own.`,
      { details: { path } },
    );
  }
  await chmod(path, 0o700);
}
