import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL("./black-hole-child.ts", import.meta.url));
const NAME = "two-ways.test";
const HOLE = "fd00::1";

/**
 * A cable that ends nowhere, and a name that leads to it first. With no address but loopback's the
 * system would give no IPv4 address of the name away.
 */
const SET_UP = `set -e
ip link set lo up
ip link add way0 type veth peer name way1
ip link set way0 up
ip link set way1 up
ip -6 addr add fd00::2/64 dev way0 nodad
ip addr add 10.77.0.2/24 dev way0
ip -6 neigh add ${HOLE} lladdr 02:00:00:00:00:01 dev way0
mount --bind "$1" /etc/hosts
exec "$2" "$3" ${NAME} ${HOLE}`;

/** Needs Linux, and leave to have a network of one's own. */
function canUnshare(): boolean {
  try {
    const asked = "ip link set lo up && ip link add way0 type veth peer name way1";
    execFileSync("unshare", ["-Urnm", "sh", "-c", asked], { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longhaul-hole-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

it.skipIf(!canUnshare())(
  "N14 IPv6 black hole before an IPv4 address that works: the other family is tried soon, and nothing has failed",
  async () => {
    const hosts = join(folder, "hosts");
    await writeFile(hosts, `${HOLE} ${NAME}\n127.0.0.1 ${NAME} localhost\n`);
    const args = ["-Urnm", "sh", "-c", SET_UP, "sh", hosts, process.execPath, CHILD];
    const { stdout } = await run("unshare", args, { timeout: 60_000 });
    const said: unknown = JSON.parse(stdout);
    expect(said).toMatchObject({
      families: [6, 4],
      isHoleSilent: true,
      phase: "done",
      isSame: true,
      retryCount: 0,
    });
    // A connect of 10 to 120 s would be the system's own patience.
    expect(said).toHaveProperty(
      "tookMs",
      expect.toSatisfy((ms: number) => ms < 5000),
    );
  },
  70_000,
);
