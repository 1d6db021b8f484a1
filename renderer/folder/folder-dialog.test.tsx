import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import type { CallHandlers, FolderEntry, HostInfo, Picked } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { fakeSettings } from "../fixture/fake-places.ts";
import { render } from "../fixture/render.tsx";
import { fakeHost } from "../host/fake-host.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { FolderDialog } from "./folder-dialog.tsx";
import type { PickKind } from "./folder-store.ts";
import { pickPlaces, useFolderStore } from "./folder-store.ts";

let page: Awaited<ReturnType<typeof render>>;
let answers: (readonly Picked[])[];
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"][aria-label]')];
const labels = () => rows().map((row) => row.getAttribute("aria-label"));
const focusRow = (at: number) => act(async () => rows()[at]?.focus());
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));
const field = (label: string) =>
  document.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`);

async function type(label: string, typed: string) {
  await act(async () => {
    const input = field(label);
    if (!input) throw new Error(`there is no field ${label}`);
    input.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, typed);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function entryOf(path: string, kind: FolderEntry["kind"]): FolderEntry {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { name, path, kind, sizeBytes: kind === "file" ? 1200 : 0, modifiedAtMs: 0 };
}

const ENTRIES = [entryOf("/home/mira/Models", "folder"), entryOf("/home/mira/a.bin", "file")];
const host: Partial<CallHandlers> = {
  "folder.list": async ({ path }) => {
    if (path === "/gone") throw new LonghaulError("path-missing", "no", { details: { path } });
    const here = path ?? "/home/mira";
    const entries = here === "/home/mira" ? ENTRIES : [];
    return {
      path: here,
      parent: here === "/home/mira" ? null : "/home/mira",
      entries,
      isCut: false,
    };
  },
};

async function ask(kind: PickKind) {
  page = await render(<FolderDialog />, [], host);
  await act(async () => {
    useFolderStore.setState({
      ask: { kind, title: "Choose", answer: (picked) => answers.push(picked) },
    });
  });
  await settle();
}

beforeEach(() => {
  answers = [];
  const settings = { ...fakeSettings(new URLSearchParams()), downloadFolder: "/home/mira" };
  useSettingsStore.setState({ settings });
  useFolderStore.setState({ ask: null });
});
afterEach(() => page.close());

describe("choosing a folder", () => {
  it("shows folders only, and chooses the one on screen", async () => {
    await ask("folder");
    expect(labels()).toEqual(["Models, folder"]);
    await focusRow(0);
    await page.press("Enter");
    await settle();
    expect(field("Folder")?.value).toBe("/home/mira/Models");
    await page.click(button("Choose Models"));
    const path = "/home/mira/Models";
    expect(answers).toEqual([[{ ref: { path }, path, kind: "folder" }]]);
  });

  it("goes to a typed path, says why when it is not there, and up again", async () => {
    await ask("folder");
    await type("Folder", "/gone");
    await page.press("Enter");
    await settle();
    expect(document.body.textContent).toContain("/gone");
    expect(rows()).toEqual([]);
    await type("Folder", "/home/mira/Models");
    await page.press("Enter");
    await settle();
    await page.click(document.querySelector('[aria-label="One folder up"]'));
    await settle();
    expect(labels()).toEqual(["Models, folder"]);
  });

  it("makes a folder and goes into it", async () => {
    await ask("folder");
    await page.click(button("New folder"));
    await type("Name of the new folder", "2026");
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    expect(callsOf("folder.make").map(({ input }) => input)).toEqual([
      { parent: "/home/mira", name: "2026" },
    ]);
    expect(field("Folder")?.value).toBe("/home/mira/2026");
  });

  it("begins at the host's start when the usual folder is gone", async () => {
    useSettingsStore.setState(({ settings }) => ({
      settings: { ...settings, downloadFolder: "/gone" },
    }));
    await ask("folder");
    expect(field("Folder")?.value).toBe("/home/mira");
  });
});

describe("choosing files", () => {
  it("ticks files and folders, and chooses them with Enter", async () => {
    await ask("files");
    expect(labels()).toEqual(["Models, folder", "a.bin, 1.2 kB"]);
    await focusRow(0);
    await page.press(" ");
    await page.press("ArrowDown", { shiftKey: true });
    expect(labels()).toEqual(["Models, folder, ticked", "a.bin, 1.2 kB, ticked"]);
    await page.press("Enter");
    expect(answers[0]?.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "folder /home/mira/Models",
      "file /home/mira/a.bin",
    ]);
  });

  it("chooses nothing when it is dismissed", async () => {
    await ask("files");
    expect(button("Choose")?.hasAttribute("disabled")).toBe(true);
    await page.click(button("Cancel"));
    expect(answers).toEqual([[]]);
  });
});

describe("which dialog asks", () => {
  const info: HostInfo = {
    kind: "desktop",
    version: "0",
    platform: "linux",
    home: "/h",
    roots: [],
    pathSeparator: "/",
    userFolder: "/u",
    canShowInFolder: true,
    canPick: true,
  };

  it("is the system's where the host has one", async () => {
    page = await render(null);
    const picked = [{ ref: { handle: "h1" }, path: "/data", kind: "folder" as const }];
    const { call } = fakeHost({ "host.pick": () => picked });
    const client = { call, onEvent: () => () => {} };
    expect(await pickPlaces(client, info, "folder", "Where")).toEqual(picked);
    expect(useFolderStore.getState().ask).toBeNull();
  });

  it("is nobody's when the system's fails, which is said", async () => {
    page = await render(null);
    useNoticeStore.setState({ notices: [] });
    const { call } = fakeHost({ "host.pick": () => new LonghaulError("internal", "broken") });
    const client = { call, onEvent: () => () => {} };
    expect(await pickPlaces(client, info, "folder", "Where")).toEqual([]);
    expect(useNoticeStore.getState().notices).toHaveLength(1);
  });

  it("is ours elsewhere, and a later question takes the place of an earlier", async () => {
    page = await render(null);
    const client = { call: fakeHost({}).call, onEvent: () => () => {} };
    const first = pickPlaces(client, null, "folder", "First");
    const second = pickPlaces(client, null, "files", "Second");
    expect(await first).toEqual([]);
    useFolderStore.getState().ask?.answer([]);
    expect(await second).toEqual([]);
    expect(useFolderStore.getState().ask).toBeNull();
  });
});
