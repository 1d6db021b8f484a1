import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Reply } from "#shared/client.ts";
import { FaultRig } from "#main/faults/fault-rig.ts";
import * as hostile from "#main/faults/hostile-inputs.ts";
import { CALL_CHANNEL, EVENT_CHANNEL, GRANT_CHANNEL } from "./channels.ts";
import { desktopHost, guardSettings } from "./desktop-host.ts";
import { HandleBook } from "./handle-book.ts";
import { isOwnPage, serveCalls, serveGrants } from "./ipc-host.ts";
import { guardContents } from "./window.ts";

type Listener = (event: never, ...given: unknown[]) => Promise<unknown>;

const mainFrame = { url: "app://longhaul/index.html" };
const contents = { mainFrame };
const own = { sender: contents, senderFrame: mainFrame };

const channels = new Map<string, Listener>();
const shown: string[] = [];
let rig: FaultRig;
let handles: HandleBook;
let secret = "";

/** The desktop's two channels over a real engine; Electron's part is played. */
beforeAll(async () => {
  handles = new HandleBook();
  const desktop = desktopHost({
    shell: { showItemInFolder: (path: string) => void shown.push(path) },
  } as never);
  rig = await FaultRig.open({
    host: {
      resolveRef: (ref, use) => handles.resolveRef(ref, use),
      showInFolder: (path) => desktop.showInFolder(path),
    },
  });
  secret = join(rig.folder, "secret.txt");
  writeFileSync(secret, "secret");
  const ipc = { handle: (name: string, listener: Listener) => void channels.set(name, listener) };
  const isTrusted: Parameters<typeof serveCalls>[2] = (event) =>
    isOwnPage(event, contents as never);
  serveCalls(ipc, guardSettings(rig.engine.handlers, handles), isTrusted);
  serveGrants(ipc, (path) => handles.grant(path), isTrusted);
}, 60_000);
afterAll(async () => {
  await rig.close();
});
beforeEach(() => shown.splice(0));

async function ask(channel: string, event: unknown, ...given: unknown[]): Promise<unknown> {
  return await channels.get(channel)?.(event as never, ...given);
}

const call = async (name: unknown, input: unknown, event: unknown = own): Promise<Reply> =>
  (await ask(CALL_CHANNEL, event, name, input)) as Reply;

it("E1 page taken over: there are two channels to ask by, and one to hear by", () => {
  expect([...channels.keys()].toSorted()).toEqual([CALL_CHANNEL, GRANT_CHANNEL].toSorted());
  const preload = readFileSync(fileURLToPath(new URL("preload.ts", import.meta.url)), "utf8");
  // The page gets three functions, never `ipcRenderer` itself.
  expect(preload.match(/ipcRenderer\.\w+\(\w+/g)).toEqual([
    "ipcRenderer.invoke(CALL_CHANNEL",
    "ipcRenderer.on(EVENT_CHANNEL",
    "ipcRenderer.off(EVENT_CHANNEL",
    "ipcRenderer.invoke(GRANT_CHANNEL",
  ]);
  expect(EVENT_CHANNEL).not.toBe(CALL_CHANNEL);
});

it("E1 page taken over: every call refuses every bad input, by itself", async () => {
  const getter = {
    get id(): string {
      throw new Error("a getter ran");
    },
  };
  for (const name of hostile.CALL_NAMES) {
    for (const input of [...hostile.BAD_INPUTS, undefined, () => 1, Symbol("x"), 1n]) {
      if (hostile.isTaken(name, input)) continue;
      expect([name, await call(name, input)]).toMatchObject([
        name,
        { ok: false, error: { code: "invalid" } },
      ]);
    }
  }
  // What crosses a process is copied, and has none; here it must at least not be believed.
  await expect(call("transfer.pause", getter)).rejects.toThrow("a getter ran");
  for (const name of hostile.NO_CALLS) {
    expect(await call(name, null)).toMatchObject({ ok: false, error: { code: "invalid" } });
  }
  expect(await call("host.info", null)).toMatchObject({ ok: true });
});

it("E1 page taken over: no path that a person did not hand out is read or written", async () => {
  await rig.script();
  const given = join(rig.folder, "given");
  mkdirSync(given);
  symlinkSync(secret, join(given, "link"));
  await ask(GRANT_CHANNEL, own, [given]);
  const paths = [
    secret,
    rig.folder,
    "/etc/passwd",
    `${given}/../secret.txt`,
    `${given}-beside`,
    "secret.txt",
    "file:///etc/passwd",
    join(rig.folder, "settings.json"),
  ];
  for (const path of paths) {
    for (const [name, input] of hostile.callsWithPath(path)) {
      const reply = await call(name, input);
      expect([name, path, reply]).toMatchObject([
        name,
        path,
        { ok: false, error: { code: "path-denied" } },
      ]);
    }
    for (const change of [{ downloadFolder: path }, { recentFolders: [path] }]) {
      expect(await call("settings.set", change)).toMatchObject({
        ok: false,
        error: { code: "path-denied" },
      });
    }
  }
  // A handle that was never given out is no handle, whatever it looks like.
  for (const handle of ["1", secret, "00000000-0000-4000-8000-000000000000", "__proto__"]) {
    expect(await call("folder.measure", { sources: [{ handle }] })).toMatchObject({
      ok: false,
      error: { code: "path-denied" },
    });
  }
  expect(await call("transfer.list", null)).toEqual({ ok: true, value: [] });
  expect(rig.requests()).toEqual([]);
});

it.each([
  ["a frame in the page", { sender: contents, senderFrame: { url: mainFrame.url } }],
  ["another window", { sender: {}, senderFrame: mainFrame }],
  ["a data: page", { sender: contents, senderFrame: { url: "data:text/html,x" } }],
  ["the developer's tools", { sender: {}, senderFrame: { url: "devtools://devtools/x" } }],
  ["a frame that is gone", { sender: contents, senderFrame: null }],
])("E1 foreign sender: %s gets no answer from any call, and no handle", async (_, event) => {
  for (const name of hostile.CALL_NAMES) {
    expect(await call(name, null, event)).toMatchObject({
      ok: false,
      error: { code: "invalid", message: "foreign frame" },
    });
  }
  expect(await ask(GRANT_CHANNEL, event, [secret])).toEqual([]);
});

/** What a bucket, a file name or a page may try to have opened. */
const TARGETS = [
  "https://evil.example/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "data:text/html,<script>1</script>",
  "smb://evil/share",
  "ms-msdt:/id",
  "longhaul://start",
  "app://longhaul.evil/",
  "\\\\evil\\share\\x.exe",
  "../../x.desktop",
];

it("E2 openExternal, openPath: nothing in the desktop's code opens anything", () => {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const sources = readdirSync(folder).filter(
    (name) => name.endsWith(".ts") && !name.includes("test"),
  );
  const text = sources.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  expect(text).not.toMatch(/openExternal|openPath|openItem|loadFile/);
  expect([...text.matchAll(/shell\.(\w+)/g)].map(([, name]) => name)).toEqual(["showItemInFolder"]);
});

it.each(TARGETS)("E2 %s: no navigation, no window, whoever asks for it", (url) => {
  let created: (event: unknown, contents: unknown) => void = () => undefined;
  guardContents({ on: (_: string, listener: typeof created) => (created = listener) } as never);
  const listeners = new Map<string, (event: unknown) => void>();
  let open: () => unknown = () => ({ action: "allow" });
  created(null, {
    on: (name: string, listener: (event: unknown) => void) => listeners.set(name, listener),
    setWindowOpenHandler: (handler: () => unknown) => (open = handler),
  });
  for (const name of ["will-navigate", "will-redirect", "will-attach-webview"]) {
    let isPrevented = false;
    listeners.get(name)?.({ url, preventDefault: () => (isPrevented = true) });
    expect([name, isPrevented]).toEqual([name, true]);
  }
  expect(open()).toEqual({ action: "deny" });
});

it("E2 names from a bucket: are shown in their folder at most, and never outside of it", async () => {
  const folder = join(rig.folder, "shown");
  mkdirSync(folder);
  handles.allowFolder(folder);
  const names = ["x.desktop", "a/../../secret.txt", "../secret.txt", "-rf", "https:/evil.exe"];
  for (const name of names) await rig.put(`evil/${name}`, Buffer.from("x"));
  await rig.script();
  const { id } = await rig.download("evil/", { folder: { path: folder }, contentsOnly: true });
  await rig.rest(id);
  expect(await call("host.showInFolder", { id })).toMatchObject({ ok: true });
  expect(shown).toHaveLength(1);
  for (const path of shown) expect(path === folder || path.startsWith(`${folder}/`)).toBe(true);
  expect(await call("host.showInFolder", { id: secret })).toMatchObject({ ok: false });
  expect(readFileSync(secret, "utf8")).toBe("secret");
  expect(existsSync(join(rig.folder, "x.desktop"))).toBe(false);
});
