import { describe, expect, it, vi } from "vitest";
import { Settings } from "#shared/settings.ts";
import { MemoryDocument } from "./fakes.ts";
import { defaultSettings, SettingsBook } from "./settings-book.ts";

const USER = "/home/ada";
const defaults = defaultSettings(USER);

function aBook(settings?: unknown) {
  const document = new MemoryDocument(settings === undefined ? {} : { settings });
  return { document, book: new SettingsBook(document, USER) };
}

describe("defaultSettings", () => {
  it("are settings, with a folder of our own and no limits", () => {
    expect(Settings.parse(defaults)).toEqual(defaults);
    expect(defaults.downloadFolder).toBe("/home/ada/Longhaul");
    expect(defaults.limits).toEqual({ downBytesPerSecond: null, upBytesPerSecond: null });
  });
});

describe("SettingsBook", () => {
  it("begins with the defaults and writes nothing before something changes", () => {
    const { book, document } = aBook();
    expect(book.get()).toEqual(defaults);
    expect(document.sections).toEqual({});
  });

  it("keeps what is set, and finds it again", () => {
    const { book, document } = aBook();
    book.set({ theme: "dark", limits: { downBytesPerSecond: 5000, upBytesPerSecond: null } });
    const again = new SettingsBook(document, USER);
    expect(again.get()).toEqual({
      ...defaults,
      theme: "dark",
      limits: { downBytesPerSecond: 5000, upBytesPerSecond: null },
    });
    expect(again.get()).toEqual(book.get());
  });

  it("leaves alone what a change does not give", () => {
    const { book } = aBook({ ...defaults, theme: "light" });
    book.set({ theme: undefined, density: "compact" });
    expect(book.get()).toEqual({ ...defaults, theme: "light", density: "compact" });
  });

  it("tells listeners the new settings, but not when nothing is new", () => {
    const { book } = aBook();
    const listener = vi.fn();
    const stop = book.onChange(listener);
    book.set({ maxUploads: 3 });
    book.set({ maxUploads: 5 });
    stop();
    book.set({ maxUploads: 6 });
    expect(listener.mock.calls).toEqual([[{ ...defaults, maxUploads: 5 }]]);
  });

  it("refuses what is no setting, and stays as it was", () => {
    const { book, document } = aBook();
    expect(() => book.set({ maxUploads: 1000 })).toThrow("maxUploads");
    expect(book.get()).toEqual(defaults);
    expect(document.sections).toEqual({});
  });

  it("reads each setting by itself, so that a bad one does not cost the others", () => {
    const { book } = aBook({ theme: "dark", maxUploads: -1, limits: "none" });
    expect(book.get()).toEqual({ ...defaults, theme: "dark" });
  });

  it("keeps what another version has beside ours", () => {
    const { book, document } = aBook({ theme: "dark", fromTomorrow: [1] });
    book.set({ theme: "light" });
    expect(document.sections.settings).toEqual({ ...defaults, theme: "light", fromTomorrow: [1] });
  });

  it.each([["text"], [null], [[1, 2]]])("begins anew where %j is no settings", (found) => {
    expect(aBook(found).book.get()).toEqual(defaults);
  });
});
