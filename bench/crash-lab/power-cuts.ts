import type { LabStore } from "./lab-store.ts";
import type { Bounds, Figures } from "./random-kills.ts";
import type { Tree } from "./tree.ts";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LabCase } from "./lab-case.ts";
import { noFigures } from "./random-kills.ts";

const MEGABYTES_PER_SECOND = 8;
/** Home and destination are on it. */
const IMAGE_BYTES = 160 * 1024 * 1024;
/** A copy of a disk that is written meanwhile is no moment of it: then it is copied again. */
const COPIES = 10;

/** Whether this machine lets us mount an image; where not, no power can be cut. */
export function canMount(folder: string): boolean {
  const image = join(folder, "probe.img");
  const point = join(folder, "probe");
  mkdirSync(point);
  const isMounted = makeImage(image) && runs("mount", "-o", "loop", image, point);
  if (isMounted) runs("umount", point);
  rmSync(image, { force: true });
  return isMounted;
}

/**
 * Cuts the power under uploads and downloads: the program is stopped, the disk image is copied as
 * it is, with what the system had not written yet left out, and the program goes on over the copy.
 */
export async function cutPower(
  lab: { readonly folder: string; readonly store: LabStore; readonly tree: Tree },
  { kills, endAtMs }: Bounds,
  random: () => number,
): Promise<Figures> {
  const figures = noFigures();
  while (figures.transfers < kills && Date.now() < endAtMs) {
    const direction = figures.transfers % 3 === 0 ? "up" : "down";
    const name = `power-${figures.transfers}`;
    const disk = new Disk(lab.folder, name);
    const lane = new LabCase({
      direction,
      folder: disk.point,
      store: lab.store,
      tree: lab.tree,
      prefix: direction === "up" ? `${name}/` : "seed/",
      megabytesPerSecond: MEGABYTES_PER_SECOND,
    });
    const wholeMs = lab.tree.totalBytes / (MEGABYTES_PER_SECOND * 1000);
    const { child, ended } = lane.launch();
    await pause(400 + random() * wholeMs);
    child.kill("SIGSTOP");
    const isCut = await disk.cut(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    if (isCut) {
      figures.kills += 1;
      mkdirSync(lane.home, { recursive: true, mode: 0o700 });
      await lane.checkKilled();
      await lane.finish();
    }
    figures.transfers += 1;
    if (lane.breaches.length > 0) figures.broken += 1;
    figures.breaches.push(...lane.breaches);
    disk.remove();
  }
  return figures;
}

class Disk {
  readonly point: string;
  readonly #image: string;

  constructor(folder: string, name: string) {
    this.point = join(folder, name);
    this.#image = join(folder, `${name}.img`);
    mkdirSync(this.point);
    if (!makeImage(this.#image) || !this.#mount(this.#image)) throw new Error("cannot mount");
    // The disk's own folder was there before the power went.
    spawnSync("sync", ["-f", this.point]);
  }

  /** @param end ends what holds the disk. @returns whether there was a moment to copy. */
  async cut(end: () => Promise<void>): Promise<boolean> {
    const copy = `${this.#image}.copy`;
    const isWhole = this.#copyStill(copy);
    await end();
    runs("umount", this.point);
    return isWhole && this.#mount(copy);
  }

  #copyStill(copy: string): boolean {
    for (let tried = 0; tried < COPIES; tried += 1) {
      copyFileSync(this.#image, copy);
      if (runs("cmp", "-s", this.#image, copy)) return true;
    }
    return false;
  }

  #mount(image: string): boolean {
    return runs("mount", "-o", "loop", image, this.point);
  }

  remove(): void {
    runs("umount", this.point);
    for (const path of [this.#image, `${this.#image}.copy`]) rmSync(path, { force: true });
  }
}

function makeImage(path: string): boolean {
  writeFileSync(path, "");
  truncateSync(path, IMAGE_BYTES);
  return statSync(path).size > 0 && runs("mkfs.ext4", "-q", "-F", path);
}

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
