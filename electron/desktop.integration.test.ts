import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CALL_CHANNEL, GRANT_CHANNEL } from "./channels.ts";

/** Without Electron its package starts a download; the real one keeps a file, this one a map. */
vi.mock("electron-store", () => ({
  default: class {
    readonly #values = new Map<string, unknown>();
    get = (key: string) => this.#values.get(key);
    set = (key: string, value: unknown) => void this.#values.set(key, value);
  },
}));

type Listener = (...given: unknown[]) => unknown;

class FakeContents extends EventEmitter {
  readonly mainFrame = { url: "app://longhaul/" };
  readonly sent: unknown[][] = [];
  isDestroyed = () => false;
  setWindowOpenHandler = () => {};
  send = (...given: unknown[]) => void this.sent.push(given);
  reload = () => {};
}

class FakeWindow extends EventEmitter {
  static last: FakeWindow | null = null;
  readonly webContents = new FakeContents();
  readonly loaded: string[] = [];
  constructor() {
    super();
    FakeWindow.last = this;
  }
  loadURL = async (url: string) => void this.loaded.push(url);
  show = () => {};
  focus = () => {};
  isMinimized = () => false;
  isDestroyed = () => false;
  removeMenu = () => {};
  setProgressBar = () => {};
}

/** As much of Electron as the desktop program uses. */
function fakeElectron(isFirst = true) {
  const said: unknown[][] = [];
  const channels = new Map<string, Listener>();
  const say =
    (name: string) =>
    (...given: unknown[]) =>
      void said.push([name, ...given]);
  const app = Object.assign(new EventEmitter(), {
    setPath: say("setPath"),
    requestSingleInstanceLock: () => isFirst,
    enableSandbox: say("enableSandbox"),
    whenReady: async () => {},
    getVersion: () => "1.2.3",
    quit: say("quit"),
    exit: say("exit"),
  });
  const electron = {
    app,
    protocol: { registerSchemesAsPrivileged: say("scheme"), handle: say("protocol") },
    session: {
      defaultSession: {
        setPermissionRequestHandler: () => {},
        setPermissionCheckHandler: () => {},
        setDevicePermissionHandler: () => {},
        on: () => {},
      },
    },
    safeStorage: {},
    utilityProcess: { fork: () => Promise.reject(new Error("not here")) },
    dialog: {
      showErrorBox: say("error"),
      showOpenDialog: async () => ({ canceled: true, filePaths: [] }),
    },
    shell: {},
    powerMonitor: new EventEmitter(),
    ipcMain: { handle: (name: string, listener: Listener) => void channels.set(name, listener) },
    powerSaveBlocker: { start: () => 1, stop: () => true },
    BrowserWindow: FakeWindow,
  };
  return { electron: electron as never, app, said, channels };
}

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-desktop-"));
  vi.stubEnv("LONGHAUL_HOME", home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** The end of the program, as a person closing the last window makes it. */
async function quit({ app, said }: ReturnType<typeof fakeElectron>): Promise<void> {
  app.emit("before-quit", { preventDefault: () => {} });
  await expect.poll(() => said.at(-1), { timeout: 15_000 }).toEqual(["quit"]);
}

it("opens one window on its own page, answers it alone, and closes the engine at the end", async () => {
  const { startDesktop } = await import("./desktop.ts");
  const fake = fakeElectron();
  await startDesktop(fake.electron);
  expect(fake.said).not.toContainEqual(expect.arrayContaining(["error"]));
  const window = FakeWindow.last;
  expect(window?.loaded).toEqual(["app://longhaul/"]);
  const contents = window?.webContents;
  const own = { sender: contents, senderFrame: contents?.mainFrame };
  const foreign = { sender: contents, senderFrame: { url: "app://longhaul/" } };
  const call = (event: unknown) => fake.channels.get(CALL_CHANNEL)?.(event, "host.info", null);
  expect(await call(own)).toMatchObject({
    ok: true,
    value: { kind: "desktop", version: "1.2.3", home },
  });
  expect(await call(foreign)).toMatchObject({ ok: false });
  expect(await fake.channels.get(GRANT_CHANNEL)?.(own, [home])).toMatchObject([{ kind: "folder" }]);
  const list = await fake.channels.get(CALL_CHANNEL)?.(own, "profile.list", null);
  expect(list).toMatchObject({ ok: true, value: [{ profile: { name: "Practice bucket" } }] });
  await quit(fake);
});

it("leaves at once when the program runs already", async () => {
  const { startDesktop } = await import("./desktop.ts");
  const fake = fakeElectron(false);
  FakeWindow.last = null;
  await startDesktop(fake.electron);
  expect([fake.said.at(-1), FakeWindow.last]).toEqual([["quit"], null]);
});

it("shows the queue of the engine that has the home already", async () => {
  const { startDesktop } = await import("./desktop.ts");
  const first = fakeElectron();
  await startDesktop(first.electron);
  const second = fakeElectron();
  await startDesktop(second.electron);
  expect(second.said).not.toContainEqual(expect.arrayContaining(["error"]));
  const contents = FakeWindow.last?.webContents;
  const own = { sender: contents, senderFrame: contents?.mainFrame };
  const list = await second.channels.get(CALL_CHANNEL)?.(own, "transfer.list", null);
  expect(list).toMatchObject({ ok: true, value: [] });
  await quit(second);
  await quit(first);
});
