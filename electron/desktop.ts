import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Electron from "electron";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { openHomeFolder, resolveHome, thisProcess } from "#main/disk/home-folder.ts";
import { openSharedEngine } from "#main/attach/shared-engine.ts";
import { createEngine } from "#main/engine.ts";
import type { Engine } from "#main/engine-host.ts";
import { systemClock } from "#main/flow/clock.ts";
import { openLogFile } from "#main/log-file.ts";
import { PageFiles } from "#main/page-files.ts";
import { Redactor, watchSecrets } from "#main/profiles/redactor.ts";
import { ActivityWatch } from "./activity.ts";
import { registerScheme, servePage } from "./app-protocol.ts";
import { desktopHost, guardSettings } from "./desktop-host.ts";
import { HandleBook } from "./handle-book.ts";
import { forwardEvents, isOwnPage, serveCalls, serveGrants } from "./ipc-host.ts";
import { startPractice } from "./practice-process.ts";
import type { PlainAnswer } from "./secrets.ts";
import { SealedSecrets } from "./secrets.ts";
import { openSettingsFile } from "./settings-file.ts";
import { denyPermissions, guardContents, openWindow, windowOptions } from "./window.ts";

type Shell = typeof Electron;

/** Of the command line: another engine has the home. */
const EXIT_LOCKED = 12;

/** The desktop program, from before the app is ready to its end. */
export async function startDesktop(electron: Shell): Promise<void> {
  const { app, protocol } = electron;
  const home = resolveHome(thisProcess());
  keepBrowserData(app, home);
  if (!app.requestSingleInstanceLock()) return app.quit();
  app.enableSandbox();
  registerScheme(protocol);
  guardContents(app);
  await app.whenReady();
  // Read before archives become plain files to us: the page may lie in one.
  const files = new PageFiles(fileURLToPath(new URL("../renderer", import.meta.url)));
  process.noAsar = true;
  servePage(protocol, files);
  denyPermissions(electron.session.defaultSession);
  const handles = new HandleBook();
  try {
    await openHomeFolder(home);
    const engine = await openEngine(electron, home, handles);
    quitWithEngine(app, engine);
    await showWindow(electron, engine, handles);
  } catch (error) {
    sayWhyNot(electron, error);
  }
}

/** What Chromium keeps lies in the home, too; it must be there before the app is ready. */
function keepBrowserData(app: Electron.App, home: string): void {
  const folder = join(home, "electron");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  app.setPath("userData", folder);
}

async function openEngine(electron: Shell, home: string, handles: HandleBook): Promise<Engine> {
  const redactor = new Redactor();
  const redact = (text: string) => redactor.redact(text);
  const sealed = new SealedSecrets(home, electron.safeStorage, process.platform, () =>
    askAboutPlain(electron.dialog),
  );
  const sandbox = fileURLToPath(new URL("sandbox.js", import.meta.url));
  const fork = electron.utilityProcess.fork.bind(electron.utilityProcess);
  const host = desktopHost({
    version: electron.app.getVersion(),
    home,
    userFolder: homedir(),
    clock: systemClock,
    document: openSettingsFile(home),
    secrets: watchSecrets(sealed, redactor),
    handles,
    dialog: electron.dialog,
    shell: electron.shell,
    systemProxy: (url) => electron.session.defaultSession.resolveProxy(url),
    powerMonitor: electron.powerMonitor,
    startPractice: (folder) => startPractice(fork, sandbox, home, folder),
    redact,
    hide: (secret) => redactor.add(secret),
    log: openLogFile(home, redact),
  });
  const engine = await openSharedEngine({
    host,
    start: async (lock) => await createEngine(host, lock),
    lent: async () => [],
    canYield: false,
  });
  const { downloadFolder, recentFolders } = await engine.handlers["settings.get"](null);
  for (const folder of [downloadFolder, ...recentFolders]) handles.allowFolder(folder);
  return engine;
}

async function showWindow(electron: Shell, engine: Engine, handles: HandleBook): Promise<void> {
  const { app, ipcMain, powerSaveBlocker } = electron;
  const preload = fileURLToPath(new URL("preload.cjs", import.meta.url));
  const window = new electron.BrowserWindow(windowOptions(preload));
  if (process.platform !== "darwin") window.removeMenu();
  const contents = window.webContents;
  const isTrusted = (event: Electron.IpcMainInvokeEvent) => isOwnPage(event, contents);
  serveCalls(ipcMain, guardSettings(engine.handlers, handles), isTrusted);
  serveGrants(ipcMain, (path) => handles.grant(path), isTrusted);
  forwardEvents((listener) => engine.onEvent(listener), contents);
  const activity = new ActivityWatch(powerSaveBlocker, window);
  engine.onEvent((event) => activity.take(event));
  app.on("second-instance", () => {
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on("window-all-closed", () => app.quit());
  await openWindow(window);
}

/** The app ends when the engine has: parts kept, journal closed. */
function quitWithEngine(app: Electron.App, engine: Engine): void {
  let isClosed = false;
  app.on("before-quit", (event) => {
    if (isClosed) return;
    event.preventDefault();
    void engine.close().finally(() => {
      isClosed = true;
      app.quit();
    });
  });
}

async function askAboutPlain(dialog: Electron.Dialog): Promise<PlainAnswer> {
  const { response } = await dialog.showMessageBox({
    type: "warning",
    message: "This desktop has no keyring",
    detail:
      "The secret key would lie in Longhaul's folder, readable by everybody who can read your files. " +
      "It can be kept until you quit Longhaul instead.",
    buttons: ["Keep until I quit", "Keep it readable on disk"],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1 ? "keep-readable" : "session-only";
}

function sayWhyNot({ app, dialog }: Shell, error: unknown): void {
  const info = toErrorInfo(error);
  const { what, why, todo } = explainError(info);
  dialog.showErrorBox(what, [why, todo].filter((sentence) => sentence !== "").join("\n\n"));
  app.exit(info.code === "locked" ? EXIT_LOCKED : 1);
}
