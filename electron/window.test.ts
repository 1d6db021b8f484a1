import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { denyPermissions, guardContents, openWindow, windowOptions } from "./window.ts";

it("gives the page no Node, an isolated preload and a sandbox", () => {
  expect(windowOptions("/preload.cjs").webPreferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webviewTag: false,
    webSecurity: true,
    preload: "/preload.cjs",
  });
});

class FakeContents extends EventEmitter {
  openHandler = () => ({ action: "allow" });
  reloads = 0;
  setWindowOpenHandler(handler: () => { action: string }): void {
    this.openHandler = handler;
  }
  reload(): void {
    this.reloads += 1;
  }
  /** True when the event was prevented. */
  tries(name: string, url = ""): boolean {
    let isPrevented = false;
    this.emit(name, { url, preventDefault: () => (isPrevented = true) });
    return isPrevented;
  }
}

function guarded(): FakeContents {
  const app = new EventEmitter();
  const contents = new FakeContents();
  guardContents(app as never);
  app.emit("web-contents-created", {}, contents);
  return contents;
}

it("lets a page go nowhere but to itself", () => {
  const contents = guarded();
  expect(contents.tries("will-navigate", "app://longhaul/")).toBe(false);
  for (const url of [
    "https://evil.example/",
    "file:///etc/passwd",
    "app://longhaul.evil/",
    "data:text/html,x",
  ]) {
    expect(contents.tries("will-navigate", url)).toBe(true);
  }
});

it("opens no other window, no webview, and follows no redirect", () => {
  const contents = guarded();
  expect(contents.openHandler()).toEqual({ action: "deny" });
  expect([contents.tries("will-attach-webview"), contents.tries("will-redirect")]).toEqual([
    true,
    true,
  ]);
});

it("denies every permission but writing text to the clipboard", () => {
  const handlers: { request?: Function; check?: Function; device?: Function } = {};
  const session = {
    setPermissionRequestHandler: (handler: Function) => void (handlers.request = handler),
    setPermissionCheckHandler: (handler: Function) => void (handlers.check = handler),
    setDevicePermissionHandler: (handler: Function) => void (handlers.device = handler),
    on: () => undefined,
  };
  denyPermissions(session as never);
  const answers = ["media", "geolocation", "openExternal", "clipboard-sanitized-write"].map(
    (name) => {
      let isGiven: unknown;
      handlers.request?.(null, name, (given: boolean) => (isGiven = given));
      return [isGiven, handlers.check?.(null, name)];
    },
  );
  expect(answers).toEqual([
    [false, false],
    [false, false],
    [false, false],
    [true, true],
  ]);
  expect(handlers.device?.()).toBe(false);
});

it("shows the window when it is painted and loads the page again when its process dies", async () => {
  const contents = new FakeContents();
  const loaded: string[] = [];
  const window = Object.assign(new EventEmitter(), {
    webContents: contents,
    isShown: false,
    show(): void {
      window.isShown = true;
    },
    loadURL: async (url: string) => void loaded.push(url),
  });
  await openWindow(window as never);
  window.emit("ready-to-show");
  contents.emit("render-process-gone", {}, { reason: "crashed" });
  contents.emit("render-process-gone", {}, { reason: "clean-exit" });
  expect([loaded, window.isShown, contents.reloads]).toEqual([["app://longhaul/"], true, 1]);
});
