import { afterAll, beforeAll, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { canMount, TinyDisk } from "./disk-rig.ts";
import { hostOf, memoryDocument } from "../engine-rig.ts";
import { FaultRig } from "./fault-rig.ts";

/** Needs root, to mount a disk of its own. */
const onDisks = it.skipIf(!canMount());

let rig: FaultRig;
beforeAll(async () => {
  // What the engine waits for passes ten times as fast.
  rig = await FaultRig.open({ pace: 10, waits: { stallMs: 20_000 } });
}, 60_000);
afterAll(() => rig.close());

onDisks(
  "J4 journal's disk stays full: it is said within 2 s, nothing is wrong, and all goes on when there is room",
  async () => {
    const home = TinyDisk.tmpfs(rig.folder, 24);
    try {
      await rig.stop();
      const store = { endpoint: rig.endpoint, ...rig.keys };
      const { info } = hostOf(rig.folder, memoryDocument(), store);
      await rig.start({ info: { ...info, home: home.folder } });
      await rig.script({
        on: { op: "UploadPart" },
        times: null,
        fault: { kind: "delay", ms: 300 },
      });
      const said: { text: string | null; atMs: number }[] = [];
      rig.client.onEvent((event) => {
        if (event.type !== "status") return;
        said.push({ text: event.homeTrouble?.code ?? null, atMs: Date.now() });
      });
      const sent = await rig.upload(60 * MiB);
      await rig.until(sent.id, ({ doneBytes }) => doneBytes > 0);
      home.leaveFree(0);
      const fullAtMs = Date.now();
      await expect.poll(() => said.at(-1)?.text, { timeout: 10_000 }).toBe("disk-full");
      expect((said.at(-1)?.atMs ?? 0) - fullAtMs).toBeLessThan(2000);
      home.freeUp();
      await rig.until(sent.id, ({ state }) => state.phase === "done");
      expect(await rig.storedSha256(sent.key)).toBe(sent.sha256);
      await expect.poll(() => said.at(-1)?.text).toBe(null);
      // What is small is written at once, too.
      const next = await rig.upload(10 * KiB);
      await rig.until(next.id, ({ state }) => state.phase === "done");
    } finally {
      await rig.stop();
      home.close();
    }
  },
  60_000,
);
