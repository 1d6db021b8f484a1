import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = "machine";
/** Of the system's id, which is not for others to read: only whether it is the same matters. */
const SALT = "longhaul home";

/**
 * What tells this machine from others; null where nothing does. Linux only: `/etc/machine-id`,
 * which a clone of a disk gets anew when its system is set up for cloning.
 */
export async function readMachineId(): Promise<string | null> {
  if (process.platform !== "linux") return null;
  const text = await readFile("/etc/machine-id", "utf8").catch(() => "");
  const id = text.trim();
  return /^[0-9a-f]{32}$/u.test(id)
    ? createHash("sha256")
        .update(SALT + id)
        .digest("hex")
    : null;
}

/** Whether another machine's engine had this home last. False where nobody knows. */
export async function isFromElsewhere(home: string, machineId: string | null): Promise<boolean> {
  if (machineId === null) return false;
  const known = await readFile(join(home, FILE), "utf8").catch(() => machineId);
  return known.trim() !== machineId;
}

/** From now on the home is this machine's. */
export async function claimHome(home: string, machineId: string | null): Promise<void> {
  if (machineId === null) return;
  const path = join(home, FILE);
  await writeFile(`${path}.tmp`, machineId, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}
