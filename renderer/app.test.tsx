import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { createClient } from "#shared/client.ts";
import { dispatch } from "#shared/dispatch.ts";
import { App } from "./app.tsx";
import { fakeHandlers } from "./fixture/fake-handlers.ts";
import { fakeSettings } from "./fixture/fake-places.ts";
import { resetStores } from "./fixture/reset-stores.ts";
import type { Connection } from "./host/host.ts";
import { createWatch } from "./host/watched.ts";
import { useScreenStore } from "./state/screen-store.ts";
import { useSettingsStore } from "./state/settings-store.ts";
import { useStatusStore } from "./state/status-store.ts";
import { replaceTransfers } from "./state/transfer-store.ts";

const root = document.documentElement;
const connection = createWatch<Connection>({ phase: "open" });
let mounted: Root;

beforeEach(async () => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  connection.set({ phase: "open" });
  useScreenStore.setState({ screen: "transfers" });
  replaceTransfers([]);
  const settings = fakeSettings(new URLSearchParams("theme=dark&text=150"));
  useSettingsStore.setState({ settings: { ...settings, reduceMotion: true } });
  const handlers = fakeHandlers({
    settings,
    transfers: new Map(),
    unfinished: [],
    publish: () => undefined,
  });
  const client = createClient({
    call: (name, input) => dispatch(handlers, name, input),
    onEvent: () => () => undefined,
  });
  const holder = document.body.appendChild(document.createElement("div"));
  mounted = createRoot(holder);
  const host = { client, connection, arrival: { kind: "bytes", token: () => null } } as const;
  await act(async () => mounted.render(<App host={host} nonce="r4nd0m" />));
});
afterEach(async () => {
  await act(async () => mounted.unmount());
  document.body.innerHTML = "";
  resetStores();
});

const heading = () => document.querySelector("h1")?.textContent;
const change = (settings: Partial<ReturnType<typeof fakeSettings>>) =>
  act(async () =>
    useSettingsStore.setState((state) => ({ settings: { ...state.settings, ...settings } })),
  );

describe("appearance", () => {
  it("follows the settings at once: theme, text size, motion", async () => {
    expect(root.dataset["mantineColorScheme"]).toBe("dark");
    expect(root.style.fontSize).toBe("150%");
    expect(root.dataset["reduceMotion"]).toBe("true");
    await change({ theme: "light", textSizePercent: 100, reduceMotion: false });
    expect(root.dataset["mantineColorScheme"]).toBe("light");
    expect(root.style.fontSize).toBe("");
    expect(root.dataset["reduceMotion"]).toBeUndefined();
  });

  it("grows icons with the text", async () => {
    expect(root.style.getPropertyValue("--lh-zoom")).toBe("1.5");
  });

  it("makes no style element without this load's nonce", () => {
    const styles = [...document.querySelectorAll("style")];
    expect(styles.length).toBeGreaterThan(0);
    expect(styles.map((style) => style.getAttribute("nonce"))).toEqual(styles.map(() => "r4nd0m"));
  });
});

describe("screens", () => {
  it.each([
    ["transfers", "Transfers"],
    ["library", "Library"],
    ["settings", "Settings"],
  ] as const)("are one at a time: %s", async (screen, title) => {
    await act(async () => useScreenStore.getState().show(screen));
    expect(document.querySelectorAll("h1")).toHaveLength(1);
    expect(heading()).toContain(title);
  });
});

describe("a list of transfers that cannot be written", () => {
  it("is said above every screen, as long as it is so", async () => {
    const details = { path: "/home/mira/longhaul" };
    const homeTrouble = { code: "disk-full", message: "", details } as const;
    await act(async () => useStatusStore.setState({ homeTrouble }));
    const bar = document.querySelector('[role="alert"]');
    expect(bar?.textContent).toContain("the disk of /home/mira/longhaul is full.");
    await act(async () => useStatusStore.setState({ homeTrouble: null }));
    expect(document.querySelector('[role="alert"]')).toBeNull();
  });
});

describe("a lost engine", () => {
  it("is said above every screen, and no longer when it is back", async () => {
    await act(async () => connection.set({ phase: "lost", sinceMs: 0 }));
    expect(document.querySelector('[role="alert"]')?.textContent).toContain(
      "The engine stopped. Start Longhaul again.",
    );
    await act(async () => connection.set({ phase: "open" }));
    expect(document.querySelector('[role="alert"]')).toBeNull();
  });

  it("leaves on screen what was known last", async () => {
    await act(async () => connection.set({ phase: "refused" }));
    expect(heading()).toContain("Transfers");
  });
});
