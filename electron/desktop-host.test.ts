import { EventEmitter } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallHandlers } from "#shared/contract.ts";
import { HostInfo } from "#shared/contract.ts";
import { FakeClock } from "#main/flow/fake-clock.ts";
import type { DesktopParts } from "./desktop-host.ts";
import { desktopHost, guardSettings } from "./desktop-host.ts";
import { HandleBook } from "./handle-book.ts";

let base = "";
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "longhaul-desktop-"));
  mkdirSync(join(base, "models"));
  mkdirSync(join(base, "downloads"));
});
afterAll(() => rmSync(base, { recursive: true }));

function open(filePaths: string[]) {
  const shown: string[] = [];
  const asked: unknown[] = [];
  const powerMonitor = new EventEmitter();
  const parts: DesktopParts = {
    version: "1.2.3",
    home: base,
    userFolder: base,
    clock: new FakeClock(),
    document: { read: () => undefined, write: () => {} },
    secrets: { get: async () => null, set: async () => {}, remove: async () => {} },
    handles: new HandleBook(),
    dialog: {
      showOpenDialog: async (...given: unknown[]) => {
        asked.push(given[0]);
        return { canceled: filePaths.length === 0, filePaths };
      },
      showSaveDialog: async (...given: unknown[]) => {
        asked.push(given[0]);
        return { canceled: filePaths.length === 0, filePath: filePaths[0] ?? "" };
      },
    },
    shell: { showItemInFolder: (path) => void shown.push(path) },
    powerMonitor,
    startPractice: async () => Promise.reject(new Error("not here")),
    systemProxy: async () => "DIRECT",
    redact: (text) => text,
    hide: () => {},
    log: () => {},
  };
  return { host: desktopHost(parts), handles: parts.handles, shown, asked, powerMonitor };
}

it("says what it is", () => {
  const { host } = open([]);
  expect(HostInfo.parse(host.info)).toMatchObject({ kind: "desktop", canPick: true, roots: [] });
});

it("gives a handle for what was picked, which leads to the path", async () => {
  const { host, asked } = open([join(base, "models")]);
  const [picked] = await host.pick("folder", "Get to");
  expect(picked).toMatchObject({ path: join(base, "models"), kind: "folder" });
  expect(await host.resolveRef(picked?.ref ?? { handle: "" }, "write")).toBe(join(base, "models"));
  expect(asked).toMatchObject([
    { title: "Get to", properties: ["openDirectory", "createDirectory"] },
  ]);
});

it("gives nothing when the dialog is dismissed", async () => {
  expect(await open([]).host.pick("files", "Upload")).toEqual([]);
});

it("shows a file in its folder and opens nothing", async () => {
  const { host, shown } = open([]);
  await host.showInFolder(join(base, "models"));
  expect(shown).toEqual([join(base, "models")]);
});

it("keeps a text where the person says, for that person alone", async () => {
  const path = join(base, "chosen.json");
  const { host, asked } = open([path]);
  expect(await host.saveText("diagnostics.json", "{}")).toBe(path);
  expect(readFileSync(path, "utf8")).toBe("{}");
  if (process.platform !== "win32") expect(statSync(path).mode & 0o077).toBe(0);
  expect(asked).toEqual([{ defaultPath: join(base, "diagnostics.json") }]);
  expect(await open([]).host.saveText("diagnostics.json", "{}")).toBeNull();
  const nowhere = open([join(base, "missing", "chosen.json")]);
  await expect(nowhere.host.saveText("a", "{}")).rejects.toMatchObject({ code: "folder-missing" });
});

it("passes on that the machine woke up, to whoever still listens", () => {
  const { host, powerMonitor } = open([]);
  let wakes = 0;
  const stop = host.onResume?.(() => void (wakes += 1));
  powerMonitor.emit("resume");
  stop?.();
  powerMonitor.emit("resume");
  expect(wakes).toBe(1);
  expect(powerMonitor.listenerCount("resume")).toBe(0);
});

it("lets only a picked folder become the one for downloads", async () => {
  const { host, handles } = open([join(base, "models")]);
  const set: unknown[] = [];
  const handlers = guardSettings(
    {
      "settings.set": async (change) => (set.push(change), null),
    } as Partial<CallHandlers> as CallHandlers,
    handles,
  );
  const downloadFolder = join(base, "models");
  await expect(handlers["settings.set"]({ downloadFolder })).rejects.toMatchObject({
    code: "path-denied",
  });
  await host.pick("folder", "Downloads");
  await handlers["settings.set"]({ downloadFolder });
  await handlers["settings.set"]({ theme: "dark", recentFolders: [downloadFolder] });
  expect(set).toEqual([{ downloadFolder }, { theme: "dark", recentFolders: [downloadFolder] }]);
  await expect(
    handlers["settings.set"]({ recentFolders: [downloadFolder, "/etc"] }),
  ).rejects.toMatchObject({ code: "path-denied" });
});
