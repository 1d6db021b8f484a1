import type {
  App,
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Session,
  WebContents,
} from "electron";
import { APP_ORIGIN } from "./channels.ts";

/** As small as the designed window still works. */
const MIN_WIDTH = 960;
const MIN_HEIGHT = 600;

/** A page without Node, in a process without rights, behind one preload script. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    width: 1280,
    height: 800,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    title: "Longhaul",
    show: false,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  };
}

/** For every page of the app, also one that a bug would make: no other place, no other window. */
export function guardContents(app: Pick<App, "on">): void {
  app.on("web-contents-created", (_, contents) => {
    contents.on("will-navigate", (event) => {
      if (!event.url.startsWith(`${APP_ORIGIN}/`)) event.preventDefault();
    });
    contents.on("will-redirect", (event) => event.preventDefault());
    contents.on("will-attach-webview", (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: "deny" }));
  });
}

/** The page needs none of a browser's powers; copying text is not among them. */
export function denyPermissions(session: PermissionSession): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => {
    decide(permission === "clipboard-sanitized-write");
  });
  session.setPermissionCheckHandler((_contents, permission) => {
    return permission === "clipboard-sanitized-write";
  });
  session.setDevicePermissionHandler(() => false);
  session.on("will-download", (event) => event.preventDefault());
}

type PermissionSession = Pick<
  Session,
  "setPermissionRequestHandler" | "setPermissionCheckHandler" | "setDevicePermissionHandler" | "on"
>;

/** Shown when it is painted, and shown again when its page's process dies: the engine goes on. */
export async function openWindow(window: BrowserWindow): Promise<void> {
  window.once("ready-to-show", () => window.show());
  reloadWhenGone(window.webContents);
  await window.loadURL(`${APP_ORIGIN}/`);
}

function reloadWhenGone(contents: WebContents): void {
  contents.on("render-process-gone", (_, { reason }) => {
    if (reason !== "clean-exit") contents.reload();
  });
}
