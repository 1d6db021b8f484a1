import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import type { CallHandlers, LibraryObject } from "#shared/contract.ts";
import { ProfileId } from "#shared/profile.ts";
import { TransferId } from "#shared/transfer.ts";
import { fakeProfiles, fakeSettings } from "../fixture/fake-places.ts";
import { render } from "../fixture/render.tsx";
import { useNoticeStore } from "../state/notice-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { LibraryScreen } from "./library-screen.tsx";
import { clearTicks, useTickStore } from "./tick-store.ts";

let page: Awaited<ReturnType<typeof render>>;
const profileId = ProfileId.parse("company");
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));
const row = (name: string) =>
  document.querySelector<HTMLElement>(`[role="row"][aria-label^="${name}"]`);
const text = () => document.body.textContent ?? "";
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));
const downloads = () =>
  page.asked.filter(({ name }) => name === "transfer.download").map(({ input }) => input);
const unpackBox = () =>
  [...document.querySelectorAll("label")].find((one) => one.textContent?.startsWith("Unpack into"));

const object = (key: string): LibraryObject => ({
  key,
  sizeBytes: 5_000_000,
  modifiedAtMs: Date.UTC(2026, 9, 1),
  etag: `"${key}"`,
});

async function open(answers: Partial<CallHandlers> = {}) {
  useScreenStore.setState({ screen: "library", place: { profileId, bucket: "b", prefix: "m/" } });
  page = await render(<LibraryScreen />, [], {
    "library.list": async () => ({
      prefixes: ["m/tree.zip/"],
      objects: [object("m/bert.tar.zst"), object("m/notes.txt"), object("m/other.zip")],
      cursor: null,
    }),
    "transfer.download": async () => ({
      id: TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d"),
      isContinued: false,
    }),
    ...answers,
  });
  await settle();
}

async function press(name: string, key: string, held: Partial<KeyboardEventInit> = {}) {
  await act(async () => row(name)?.focus());
  await page.press(key, held);
  await settle();
}

beforeEach(async () => {
  useProfileStore.setState({ profiles: await fakeProfiles["profile.list"]() });
  useSettingsStore.setState({ settings: fakeSettings(new URLSearchParams()) });
  useNoticeStore.setState({ notices: [] });
  useTickStore.setState({ at: null });
  clearTicks();
});
afterEach(() => page.close());

const asked = {
  profileId,
  bucket: "b",
  keys: ["m/bert.tar.zst"],
  folder: { path: "/home/mira/Models" },
};

describe("an archive among objects", () => {
  it("is got and unpacked from its menu, into the folder that is said", async () => {
    await open();
    await page.click(document.querySelector('[aria-label="More for bert.tar.zst"]'));
    await page.click(button("Get and unpack…"));
    await settle();
    expect(text()).toContain("unpacked into /home/mira/Models/bert; if that holds something");
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    const unpack = { destination: { path: "/home/mira/Models/bert" } };
    expect(downloads()).toEqual([{ ...asked, unpack }]);
    expect(document.querySelector('[role="dialog"]')).toBeNull();
    expect(useNoticeStore.getState().notices.at(-1)?.text).toContain("to be unpacked into");
  });

  it("opens the same by its key, and takes no name that leads elsewhere", async () => {
    await open();
    await press("bert.tar.zst", "u");
    const field = document.querySelector<HTMLInputElement>('[role="dialog"] input[data-autofocus]');
    await act(async () => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(
        field,
        "../elsewhere",
      );
      field?.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(text()).toContain("A name of one folder, without slashes.");
    await act(async () => document.querySelector("form")?.requestSubmit());
    expect(downloads()).toEqual([]);
  });

  it.each(["notes.txt", "tree.zip"])("is not what %s is", async (name) => {
    await open();
    await press(name, "u");
    expect(document.querySelector('[role="dialog"]')).toBeNull();
    await page.click(document.querySelector(`[aria-label="More for ${name}"]`));
    expect(button("Get and unpack…")).toBeUndefined();
  });
});

describe("the bar of what is ticked", () => {
  it("unpacks the one archive that is ticked, where that is ticked, too", async () => {
    await open();
    await press("bert.tar.zst", " ");
    expect(unpackBox()?.textContent).toBe("Unpack into /home/mira/Models/bert");
    await page.click(unpackBox());
    expect(button("Get")?.textContent).toContain("Get 5 MB, unpack");
    await page.click(button("Get"));
    await settle();
    const unpack = { destination: { path: "/home/mira/Models/bert" } };
    expect(downloads()).toEqual([{ ...asked, unpack }]);
  });

  it("says nothing of unpacking for two, and then gets both as they are", async () => {
    await open();
    await press("bert.tar.zst", " ");
    await page.click(unpackBox());
    await press("other.zip", " ");
    expect(unpackBox()).toBeUndefined();
    await page.click(button("Get"));
    await settle();
    expect(downloads()).toEqual([{ ...asked, keys: ["m/bert.tar.zst", "m/other.zip"] }]);
  });
});
