import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "../disk/disk-errors.ts";

/** The kernel's own bound is 103 (macOS) or 107; of bytes, not of characters. */
const MAX_PATH_BYTES = 100;
const ANY_USERS_BITS = 0o077;

/** Where the socket of a home may be, of this machine and user. */
export type SocketSurroundings = {
  readonly platform: NodeJS.Platform;
  /** -1 where users have no number. */
  readonly userId: number;
  /** Short, and the same for all processes of a user: so it comes from no variable. */
  readonly sharedFolder: string;
};

export function socketSurroundings(): SocketSurroundings {
  return {
    platform: process.platform,
    userId: process.getuid?.() ?? -1,
    sharedFolder: "/tmp",
  };
}

/**
 * The socket of a home: in a folder of the home, else under a hashed name, which another process of
 * the same user finds, too. A named pipe on Windows, whose default rights let others only read.
 *
 * @param home its real path, so that every spelling leads to one socket.
 */
export function socketPathOf(
  home: string,
  { platform, userId, sharedFolder }: SocketSurroundings,
): string {
  const name = createHash("sha256").update(home).digest("hex").slice(0, 32);
  if (platform === "win32") return String.raw`\\.\pipe\longhaul-${name}`;
  const inHome = join(home, "socket", "engine.sock");
  if (Buffer.byteLength(inHome) <= MAX_PATH_BYTES) return inHome;
  return join(sharedFolder, `longhaul-${userId}`, `${name}.sock`);
}

/**
 * Makes the socket's folder, or checks the one that is there: ours, no link, closed to others. In a
 * folder that all users share, somebody else may have been first.
 *
 * @throws {LonghaulError} `path-denied`; what `onDisk` throws.
 */
export async function checkSocketFolder(
  path: string,
  { platform, userId }: SocketSurroundings,
): Promise<void> {
  if (platform === "win32") return;
  const folder = dirname(path);
  const facts = await onDisk(folder, "write", async () => {
    await mkdir(folder, { mode: 0o700, recursive: true });
    return await lstat(folder);
  });
  const isOpen = (facts.mode & ANY_USERS_BITS) !== 0;
  if (facts.isDirectory() && facts.uid === userId && !isOpen) return;
  throw new LonghaulError(
    "path-denied",
    `the folder ${folder} of Longhaul's socket is not this user's alone; remove it`,
    { details: { path: folder } },
  );
}
