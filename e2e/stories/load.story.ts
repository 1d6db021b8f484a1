import { join } from "node:path";
import { makeFile, MIB } from "../rig/files.ts";
import { idleLoad, percentile, scrollFrames } from "../rig/measure.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import { makeManyFiles } from "../rig/trees.ts";

/**
 * The figures that are promised hold on a machine with nothing else to do: `LONGHAUL_LABS=1` asks
 * for them. Without it only what no load explains is a failure; the figures are printed either way.
 */
const isLab = process.env["LONGHAUL_LABS"] === "1";
const FRAME_LIMIT_MS = isLab ? 32 : 250;
const IDLE_LIMIT = isLab ? 0.05 : 0.5;

test("the files of a transfer of 10,000 scroll without dropping frames", async ({ win, store }) => {
  await makeManyFiles(join(win.host.folder, "dataset"), 10_000);
  await win.host.addProfile("Lab", store, 4);
  await win.open();
  await win.limit("Up", "50kB");
  await win.chooseHostFiles(["dataset"]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.says("dataset", /of 10,?000 files/, 60_000);
  await win.transfers.press("dataset", "Pause");
  await win.transfers.says("dataset", /Paused by you/);

  const details = await win.transfers.details("dataset");
  await win.hand.press(details.getByRole("tab", { name: /^Files/ }));
  const grid = details.getByRole("grid", { name: "Files of dataset" });
  await expect(grid).toHaveAttribute("aria-rowcount", "10001");
  const measure = async () => percentile(await scrollFrames(grid, 120), 0.95);
  const p95Ms = await bestOf(3, FRAME_LIMIT_MS, measure);
  process.stdout.write(`10,000 items: p95 of frames ${p95Ms.toFixed(1)} ms\n`);
  expect(p95Ms).toBeLessThan(FRAME_LIMIT_MS);
});

test("with eight transfers running and nobody touching it the page is at rest", async ({
  win,
  store,
}) => {
  const names = Array.from({ length: 8 }, (_, index) => `model-${index + 1}.gguf`);
  for (const [seed, name] of names.entries()) {
    await makeFile(join(win.host.folder, name), 32 * MIB, 20 + seed);
  }
  await win.host.addProfile("Lab", store, 16);
  await win.open();
  await win.show("Settings");
  const settings = win.page.getByRole("navigation", { name: "Settings" });
  await win.hand.press(settings.getByRole("button", { name: "Bandwidth" }));
  await win.hand.write(win.page.getByRole("textbox", { name: "Uploads" }), "8");
  await win.page.keyboard.press("Enter");
  await win.limit("Up", "2MB");
  await win.show("Transfers");
  for (const name of names) {
    await win.chooseHostFiles([name]);
    await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
    await win.sheet.start();
  }
  for (const name of names) await win.transfers.says(name, /B\/s/);
  const load = await bestOf(3, IDLE_LIMIT, () => idleLoad(win.page, 6_000));
  for (const name of names) await win.transfers.says(name, /B\/s/);
  process.stdout.write(`8 transfers: the page takes ${(load * 100).toFixed(1)} % of a core\n`);
  expect(load).toBeLessThanOrEqual(IDLE_LIMIT);
});

/** The least of a few rounds: other programs on the machine only ever make it worse. */
async function bestOf(
  rounds: number,
  limit: number,
  measure: () => Promise<number>,
): Promise<number> {
  let best = await measure();
  for (let round = 1; round < rounds && best >= limit; round++) {
    best = Math.min(best, await measure());
  }
  return best;
}
