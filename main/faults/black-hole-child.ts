/**
 * Run by a test in a network of its own, where the name in the arguments has two addresses and
 * nothing ever comes back from the first: sends a file there and back, and prints how it went.
 */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { NetworkRig } from "./network-rig.ts";

const CONNECT_MS = 1000;
const [name = "", hole = ""] = process.argv.slice(2);

const rig = await NetworkRig.open({ waits: { connectTimeoutMs: CONNECT_MS, stallMs: 5000 } });
const { port } = new URL(rig.plainUrl);
const addresses = await lookup(name, { all: true, order: "verbatim" });
await rig.network({});
const id = await rig.profile(`http://${name}:${port}`);
const startedAtMs = performance.now();
const { up, isSame } = await rig.roundTrip(id, 7 * 1024 * 1024);
const tookMs = performance.now() - startedAtMs;
const said = {
  families: addresses.map(({ family }) => family),
  isHoleSilent: await isSilent(hole, Number(port)),
  phase: up.state.phase,
  isSame,
  retryCount: rig.retries.length,
  tookMs,
};
await rig.close();
process.stdout.write(`${JSON.stringify(said)}\n`, () => process.exit());

/** Neither a connection nor an error for longer than the engine waits. */
async function isSilent(address: string, toPort: number): Promise<boolean> {
  const socket = connect(toPort, address);
  const heard = new Promise<boolean>((resolve) => {
    for (const event of ["connect", "error"]) socket.once(event, () => resolve(false));
  });
  const isQuiet = await Promise.race([heard, sleep(2 * CONNECT_MS, true)]);
  socket.destroy();
  return isQuiet;
}
