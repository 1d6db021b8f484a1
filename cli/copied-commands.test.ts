/** What the window copies "as command", run: it does what the action beside it does. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeEndedWork, makeEntry, makeFolder } from "#shared/cache-fixtures.ts";
import type { CopiedCommand } from "#shared/copied-commands-fixtures.ts";
import {
  CACHE_COMMANDS,
  HOME,
  MOVE_COMMANDS,
  UPLOAD_COMMANDS,
} from "#shared/copied-commands-fixtures.ts";
import type { CallHandlers } from "#shared/contract.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import { DownloadRequest, UploadRequest } from "#shared/transfer-request.ts";
import { toDownloadSpec, toUploadSpec } from "#main/calls/to-spec.ts";
import { createNameFilter } from "#main/disk/name-filter.ts";
import { downloadName, keyFor, uploadName } from "#main/transfers/item-names.ts";
import { done, makeView } from "./fake-views.ts";
import { openProgram } from "./program-rig.ts";

let base = "";
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "longhaul-copied-"));
  mkdirSync(join(base, "tree"));
  for (const name of ["one.bin", "tree/a"]) writeFileSync(join(base, name), name);
});
afterAll(() => rmSync(base, { recursive: true }));

/** As a shell reads it. */
function wordsOf(line: string): readonly string[] {
  const { stdout } = spawnSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  const [program, ...words] = stdout.split("\0").slice(0, -1);
  expect(program).toBe("longhaul");
  return words;
}

const ENTRY = makeEntry("it's", { ...CACHE_COMMANDS.pin.input.ids[0], bucket: "company-models" });
const FOLDER = makeFolder({ path: "/mnt/x", isDefault: false });
const PAGE = { entries: [], total: 0, freedBytes: 0, isEnough: true, plan: "p" };

const CACHE: Partial<CallHandlers> = {
  "cache.list": async () => ({ entries: [ENTRY], total: 1, sizeBytes: 1 }),
  "cache.pin": async () => null,
  "cache.forget": async () => null,
  "cache.verify": async () => null,
  "cache.repair": async () => null,
  "cache.work": async () => ({ now: null, last: makeEndedWork() }),
  "cache.preview": async () => PAGE,
  "cache.free": async () => ({ count: 0, freedBytes: 0, keptCount: 0 }),
  "cache.folders": async () => [FOLDER, { ...FOLDER, path: "/mnt/my cache" }],
  "cache.setFolder": async () => FOLDER,
  "cache.removeFolder": async () => null,
};

it.each(Object.entries<CopiedCommand>(CACHE_COMMANDS))(
  "does to the cache what the window does: %s",
  async (_name, { line, call, input }) => {
    const rig = openProgram(base, CACHE);
    expect([await rig.run(...wordsOf(line)), rig.terminal.errLines]).toEqual([
      0,
      expect.anything(),
    ]);
    expect(rig.engine.inputsOf(call)).toEqual([expect.objectContaining(input)]);
  },
);

const path = "/home/mira/Models";
const view = makeView({ direction: "download", to: { kind: "local", path }, state: done });
const resolve = async (ref: LocalRef) => ("path" in ref ? ref.path.replace(/\/$/u, "") : "");

/** Where objects and files end up, which is what two wishes have in common that say it otherwise. */
async function landings(call: string, input: unknown): Promise<readonly string[]> {
  if (call === "transfer.upload") {
    const spec = await toUploadSpec(UploadRequest.parse(input), resolve);
    return spec.sources.map((source) => {
      const isTree = source.endsWith("tree") && spec.archive === undefined;
      const name = uploadName(spec, source, isTree ? "a" : null);
      return `s3://${spec.destination.bucket}/${keyFor(spec, name)}`;
    });
  }
  const spec = await toDownloadSpec(DownloadRequest.parse(input), resolve);
  return spec.keys.flatMap((asked) => {
    const named = spec.include.map(
      (pattern) => `${asked}${pattern.slice(1).replaceAll(/\\(.)/gu, "$1")}`,
    );
    const keys = !asked.endsWith("/") ? [asked] : named.length > 0 ? named : [`${asked}d/x`];
    return keys.map((key) => {
      const name = downloadName(spec, asked, key);
      expect(createNameFilter(spec.include, spec.exclude).takesFile(name)).toBe(true);
      return `${key} ${join(spec.folder, name)}`;
    });
  });
}

it.each(Object.entries<CopiedCommand>(UPLOAD_COMMANDS))(
  "sends the same as the sheet does: %s",
  async (_name, { line, call, input }) => {
    const here = (text: string) => text.replaceAll(HOME, base);
    const rig = openProgram(base, {
      "transfer.upload": async () => ({ id: view.id, isContinued: false }),
      "transfer.list": async () => [view],
      "transfer.items": async () => ({ items: [], total: 0 }),
    });
    expect(await rig.run(...wordsOf(line).map(here))).toBe(0);
    const wished = UploadRequest.parse(JSON.parse(here(JSON.stringify(input))));
    const made = UploadRequest.parse(rig.engine.inputsOf(call)[0]);
    expect(await landings(call, made)).toEqual(await landings(call, wished));
    const { archive, object, access, sources } = wished;
    // Without a terminal nobody can be asked.
    const onConflict = wished.onConflict === "ask" ? "fail" : wished.onConflict;
    expect(made).toMatchObject({ archive, object, access, onConflict, sources });
  },
);

it.each(Object.entries<CopiedCommand>(MOVE_COMMANDS))(
  "moves the same to the same: %s",
  async (_name, { line, call, input }) => {
    const here = (text: string) => text.replaceAll(HOME, base);
    const rig = openProgram(base, {}, [view]);
    expect(await rig.run(...wordsOf(line).map(here))).toBe(0);
    const [made] = rig.engine.inputsOf(call);
    const wished = JSON.parse(here(JSON.stringify({ profileId: "work", ...input }))) as object;
    const { profileId, ...rest } = wished as { profileId: string };
    const meant = call === "transfer.upload" ? rest : { profileId, ...rest };
    expect(await landings(call, made)).toEqual(await landings(call, meant));
  },
);
