import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { TransferId } from "#shared/transfer.ts";
import { fakeProfiles, fakeSettings } from "../fixture/fake-places.ts";
import { makeTransfer, remote } from "../fixture/make-transfer.ts";
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
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"][aria-label]')];
const labels = () => rows().map((row) => row.getAttribute("aria-label"));
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const text = () => document.body.textContent ?? "";
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));

const focusRow = (at: number) => act(async () => rows()[at]?.focus());

async function open(bucket: string, prefix = "", answers: Partial<CallHandlers> = {}) {
  useScreenStore.setState({ screen: "library", place: { profileId, bucket, prefix } });
  page = await render(<LibraryScreen />, [], answers);
  await settle();
}

async function type(label: string, typed: string) {
  const input = document.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`);
  await act(async () => {
    if (!input) throw new Error(`there is no field ${label}`);
    input.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, typed);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

beforeEach(async () => {
  useProfileStore.setState({ profiles: await fakeProfiles["profile.list"]() });
  useSettingsStore.setState({ settings: fakeSettings(new URLSearchParams()) });
  useNoticeStore.setState({ notices: [] });
  useTickStore.setState({ at: null });
  clearTicks();
});
afterEach(() => page.close());

/** A bucket of so many objects. */
async function openWith(count: number) {
  const rest = { sizeBytes: 1, modifiedAtMs: 0, etag: "1" };
  const objects = Array.from({ length: count }, (_, at) => ({ key: `a${at}`, ...rest }));
  await open("company-datasets", "", {
    "library.list": async () => ({ prefixes: [], objects, cursor: null }),
  });
}

/** The same, to which an upload has ended. */
async function afterUpload(count: number) {
  await openWith(count);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const view = makeTransfer("a", { total: 1 }, { direction: "upload" });
  const to = remote("", "company-datasets");
  const ended = { ...view, to, state: { phase: "done", atMs: 1 } } as const;
  await page.publish({ type: "transfers", changed: [ended], removed: [] });
  expect(callsOf("library.list")).toHaveLength(1);
  await act(() => vi.advanceTimersByTimeAsync(2000));
  vi.useRealTimers();
}

it("lists a place again when an upload to it has ended, and keeps on screen what it has", async () => {
  await afterUpload(1);
  expect(callsOf("library.list")).toHaveLength(2);
  expect(rows()).toHaveLength(1);
});

it("does not begin a long list again by itself", async () => {
  await afterUpload(1001);
  expect(callsOf("library.list")).toHaveLength(1);
});

it("lists again, and asks what is here, when the line to the engine is back", async () => {
  await openWith(1);
  const before = [callsOf("library.list").length, callsOf("library.here").length];
  await page.reconnect();
  await settle();
  const now = [callsOf("library.list").length, callsOf("library.here").length];
  expect(now.map((count, at) => count > (before[at] ?? 0))).toEqual([true, true]);
});

it("asks again what is here, and what is ticked comes to, when it is shown again", async () => {
  const list: CallHandlers["library.list"] = async ({ prefix }) => ({
    prefixes: [],
    objects: [{ key: `${prefix}a`, sizeBytes: 1, modifiedAtMs: 0, etag: "1" }],
    cursor: null,
  });
  const asksOf = (name: string) =>
    callsOf(name).filter(({ input }) => JSON.stringify(input).includes('"key":"a"')).length;
  await open("company-datasets", "", { "library.list": list });
  await focusRow(0);
  await page.press(" ");
  await settle();
  const before = [asksOf("library.here"), asksOf("library.measure")];
  const place = { profileId, bucket: "company-datasets", prefix: "" };
  // Another profile's buckets, as another screen, have neither list nor bar.
  await act(async () => useScreenStore.setState({ place: { ...place, bucket: "" } }));
  await settle();
  await act(async () => useScreenStore.setState({ place }));
  await settle();
  const now = [asksOf("library.here"), asksOf("library.measure")];
  expect(now.map((count, at) => count > (before[at] ?? 0))).toEqual([true, true]);
});

describe("the way to objects", () => {
  it("begins with the first profile's buckets and goes into one by Enter", async () => {
    useScreenStore.setState({ screen: "library", place: null });
    page = await render(<LibraryScreen />);
    await settle();
    expect(labels()).toEqual([
      "Bucket company-models",
      "Bucket company-datasets",
      "Bucket checkpoints",
    ]);
    await focusRow(1);
    await page.press("Enter");
    expect(useScreenStore.getState().place).toEqual({
      profileId,
      bucket: "company-datasets",
      prefix: "",
    });
  });

  it("goes into a prefix and up again by the arrows", async () => {
    await open("company-models");
    await focusRow(0);
    await page.press("ArrowRight");
    expect(useScreenStore.getState().place?.prefix).toBe("llama-3.1/");
    await settle();
    await focusRow(0);
    await page.press("ArrowLeft");
    expect(useScreenStore.getState().place?.prefix).toBe("");
  });

  it("follows the crumbs", async () => {
    await open("company-models", "llama-3.1/8b/");
    expect([...document.querySelectorAll("nav button")].map((one) => one.textContent)).toEqual([
      "company",
      "company-models",
      "llama-3.1",
      "8b",
    ]);
    await page.click(button("llama-3.1"));
    expect(useScreenStore.getState().place?.prefix).toBe("llama-3.1/");
  });

  it("goes to a typed address, and shows the object it names", async () => {
    await open("company-models");
    await type("Filter, or paste an address", "s3://checkpoints/llama/shard-00042.safetensors");
    await page.press("Enter");
    await settle();
    expect(useScreenStore.getState().place).toEqual({
      profileId,
      bucket: "checkpoints",
      prefix: "llama/",
    });
    expect(labels()).toEqual(["shard-00042.safetensors, 1.8 GB, modified 2 Oct 2026, not here"]);
  });

  it("narrows the list to what is typed, and says of how many", async () => {
    await open("company-models");
    await type("Filter, or paste an address", "MIX");
    expect(labels()).toEqual(["mixtral, prefix"]);
    expect(text()).toContain("1 of 1,003 listed match, there are more");
  });
});

describe("ticking and getting", () => {
  it("ticks with Space, adds up, and gets with Enter", async () => {
    await open("company-models", "", {
      "transfer.download": async () => ({
        id: TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d"),
        isContinued: false,
      }),
    });
    await focusRow(0);
    await page.press(" ");
    for (let step = 0; step < 4; step += 1) await page.press("ArrowDown");
    await page.press(" ");
    await settle();
    expect(text()).toContain("2 ticked, 65 MB");
    expect(button("Get")?.textContent).toContain("Get 61 MB");
    await page.press("Enter");
    expect(callsOf("transfer.download").map(({ input }) => input)).toEqual([
      {
        profileId,
        bucket: "company-models",
        keys: ["llama-3.1/", "shard-00001.safetensors"],
        folder: { path: "/home/mira/Models" },
      },
    ]);
    expect(useTickStore.getState().ticks.size).toBe(0);
    expect(useNoticeStore.getState().notices.at(-1)?.text).toContain("Getting 2 items into");
  });

  it("ticks what Shift passes over, and everything listed by Ctrl A", async () => {
    await open("company-models");
    await focusRow(0);
    await page.press("ArrowDown", { shiftKey: true });
    await page.press("ArrowDown", { shiftKey: true });
    expect([...useTickStore.getState().ticks.keys()]).toEqual([
      "llama-3.1/",
      "mixtral/",
      "whisper/",
    ]);
    await page.press("a", { ctrlKey: true });
    expect(useTickStore.getState().ticks.size).toBe(1003);
  });

  it("says what will be free afterwards", async () => {
    await open("company-models");
    await focusRow(3);
    await page.press(" ");
    await settle();
    expect(text()).toContain("182 GB can be used, 182 GB after");
  });

  it("keeps the ticks and says why when getting is refused", async () => {
    await open("company-models", "", {
      "transfer.download": async () => {
        throw new LonghaulError("path-denied", "not allowed", { details: { path: "/root" } });
      },
    });
    await focusRow(3);
    await page.press(" ");
    await page.click(button("Get"));
    expect(useTickStore.getState().ticks.size).toBe(1);
    expect(useNoticeStore.getState().notices.at(-1)?.tone).toBe("warn");
  });
});

describe("what cannot be listed", () => {
  it("says why in place, tries again, and leads to the profile", async () => {
    let isClosed = true;
    await open("locked", "", {
      "library.list": async () => {
        if (isClosed) throw new LonghaulError("access-denied", "403");
        return { prefixes: ["open/"], objects: [], cursor: null };
      },
    });
    expect(rows()).toEqual([]);
    await page.click(button("Change the profile"));
    expect(useScreenStore.getState()).toMatchObject({
      screen: "settings",
      editedProfile: "company",
    });
    isClosed = false;
    await page.click(button("Try again"));
    await settle();
    expect(labels()).toEqual(["open, prefix"]);
  });

  it("says that nothing is there yet, with the way to change that", async () => {
    await open("empty", "", {
      "library.list": async () => ({ prefixes: [], objects: [], cursor: null }),
    });
    expect(text()).toContain("Nothing is here yet");
    await page.click(button("Upload here"));
    expect(useScreenStore.getState().wantedUpload).toBe("files");
  });
});

describe("versions of an object", () => {
  const lines = () => [...document.querySelectorAll("li")].map((line) => line.textContent);

  it("are listed by V, the newest first, and one is fetched beside what is there", async () => {
    await open("company-models", "whisper/", {
      "transfer.download": async () => ({
        id: TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d"),
        isContinued: false,
      }),
    });
    await focusRow(0);
    await page.press("v");
    await settle();
    expect(callsOf("library.versions").at(-1)?.input).toMatchObject({
      bucket: "company-models",
      prefix: "whisper/shard-00000.safetensors",
      isKey: true,
    });
    expect(lines()).toHaveLength(3);
    expect(lines()[0]).toContain("newest");
    expect(lines()[1]).toContain("deleted then");
    const gets = [...document.querySelectorAll("li button")];
    expect(gets).toHaveLength(2);
    await page.click(gets[1]);
    await settle();
    expect(callsOf("transfer.download").map(({ input }) => input)).toMatchObject([
      {
        keys: ["whisper/shard-00000.safetensors"],
        versionId: "3HL4kqtJvjVBH40Nrjfkd2",
        onConflict: "keep-both",
      },
    ]);
    expect(useNoticeStore.getState().notices[0]?.text).toContain("Getting shard-00000.safetensors");
  });

  it("say so where there is but one", async () => {
    const only = { key: "k", sizeBytes: 1, modifiedAtMs: 0, etag: '"e"', versionId: null };
    await open("company-models", "whisper/", {
      "library.versions": async () => ({
        versions: [{ ...only, isLatest: true, isDeletion: false }],
        cursor: null,
      }),
    });
    await page.click(document.querySelector('[aria-label="More for shard-00000.safetensors"]'));
    await page.click(button("Earlier versions"));
    await settle();
    expect(text()).toContain("There is but this one");
  });
});
