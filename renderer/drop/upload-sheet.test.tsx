import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { TransferId } from "#shared/transfer.ts";
import { fakeProfiles, fakeSettings } from "../fixture/fake-places.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { render } from "../fixture/render.tsx";
import { useNoticeStore } from "../state/notice-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { DropLayer } from "./drop-layer.tsx";
import { askAbout, closeSheet, useDropStore } from "./drop-store.ts";
import { fakeEntry } from "./fake-entries.ts";
import { itemOfPicked } from "./upload-plan.ts";

let page: Awaited<ReturnType<typeof render>>;
const id = TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d");
const text = () => document.body.textContent ?? "";
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));
const field = (label: string) => {
  const labels = [...document.querySelectorAll("label")];
  const found = labels.find((one) => one.textContent === label);
  return document.querySelector<HTMLInputElement>(`#${CSS.escape(found?.htmlFor ?? "none")}`);
};
async function write(label: string, typed: string) {
  await act(async () => {
    const input = field(label);
    input?.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, typed);
    input?.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
const settle = (ms = 0) => act(() => new Promise((resolve) => setTimeout(resolve, ms)));

const started: Partial<CallHandlers> = {
  "transfer.upload": async () => ({ id, isContinued: false }),
  "transfer.drop": async () => ({ id }),
  "drop.add": async ({ files }) => files.map(({ name }) => ({ ticket: name, offsetBytes: 0 })),
  "drop.close": async () => null,
};

/** A drop event as a browser makes it, of these entries. */
function dragEvent(type: string, entries: readonly FileSystemEntry[]) {
  const items = entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry }));
  const dataTransfer = { items, files: [], types: ["Files"], dropEffect: "none" };
  return Object.assign(new Event(type, { bubbles: true, cancelable: true }), {
    dataTransfer,
    relatedTarget: null,
  });
}

const TREE_AND_NOTE = [fakeEntry("tree", { a: "12", b: "345" }), fakeEntry("note.txt", "6789")];
let entries = TREE_AND_NOTE;

async function drag(type: string, at: Element = document.body) {
  await act(async () => at.dispatchEvent(dragEvent(type, entries)));
}

async function show(answers: Partial<CallHandlers> = started) {
  page = await render(<DropLayer />, [], answers);
}

beforeEach(async () => {
  closeSheet();
  entries = TREE_AND_NOTE;
  useProfileStore.setState({ profiles: await fakeProfiles["profile.list"]() });
  useSettingsStore.setState({ settings: fakeSettings(new URLSearchParams()) });
  useScreenStore.setState({ screen: "transfers", place: null, wantedUpload: null });
  useNoticeStore.setState({ notices: [] });
});
afterEach(() => page.close());

describe("while files are dragged over the window", () => {
  it("shows how many, and the places that uploads went to", async () => {
    await show();
    await drag("dragenter");
    expect(text()).toContain("Upload 2 things");
    expect([...document.querySelectorAll("[data-place]")].map((tile) => tile.textContent)).toEqual([
      "checkpointsllama-sft-0417/company",
      "practicetop levelPractice bucket",
      "Another placeDrop here to choose it",
    ]);
    await drag("dragleave");
    expect(text()).not.toContain("Upload 2 things");
  });

  it("offers the place that the Library shows first", async () => {
    const profileId = ProfileId.parse("company");
    const place = { profileId, bucket: "company-models", prefix: "m/" };
    useScreenStore.setState({ screen: "library", place });
    await show();
    await drag("dragover");
    expect(document.querySelector("[data-place]")?.textContent).toContain("open in the Library");
  });
});

describe("after the drop", () => {
  it("asks about what was dropped, with sizes, at the place it was dropped on", async () => {
    await show();
    await drag("dragenter");
    const practice = document.querySelectorAll("[data-place]")[1];
    await drag("drop", practice ?? document.body);
    await settle();
    expect(text()).toContain("Upload 1 folder and 1 file");
    expect(text()).toContain("2 files5 B");
    expect(text()).toContain("9 B in 3 files");
    expect([field("Bucket")?.value, field("Folder")?.value]).toEqual(["practice", ""]);
    expect(text()).toContain("s3://practice/tree/… and 1 more");
  });

  it("starts with Enter, and tells the host of every file", async () => {
    await show();
    await drag("drop");
    await settle();
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    const destination = { profileId: "company", bucket: "checkpoints", prefix: "llama-sft-0417/" };
    expect(callsOf("transfer.drop").map(({ input }) => input)).toEqual([
      { destination, name: "tree and 1 more", onConflict: "ask" },
    ]);
    const added = callsOf("drop.add").map(({ input }) => JSON.stringify(input));
    for (const name of ["tree/a", "tree/b", "note.txt"]) expect(added.join()).toContain(name);
    expect(callsOf("drop.close")).toHaveLength(1);
    expect(useDropStore.getState().sheet).toBeNull();
    expect(useScreenStore.getState().screen).toBe("transfers");
  });

  it("starts with Enter from a closed list, where it would otherwise open it", async () => {
    await show();
    await drag("drop");
    await settle();
    field("Profile")?.focus();
    await page.press("Enter");
    await settle();
    expect(callsOf("transfer.drop")).toHaveLength(1);
  });

  it("leaves out what is taken off the list", async () => {
    await show();
    await drag("drop");
    await page.click(document.querySelector('[aria-label="Leave out tree"]'));
    expect(text()).toContain("Upload 1 file");
    await page.click(document.querySelector('[aria-label="Leave out note.txt"]'));
    expect(useDropStore.getState().sheet).toBeNull();
  });
});

describe("the options of an upload", () => {
  it("show what the profile says, judge what is typed, and go along with the upload", async () => {
    const profiles = await fakeProfiles["profile.list"]();
    const upload = { storageClass: "STANDARD_IA", tags: { cost: "training" } };
    useProfileStore.setState({
      profiles: profiles.map((view) => ({ ...view, profile: { ...view.profile, upload } })),
    });
    await show();
    await drag("drop");
    await settle();
    expect(button("Options")?.textContent).toContain("from the profile: STANDARD_IA, 1 tag");
    await page.click(button("Options"));
    expect(field("Storage class")?.placeholder).toBe("STANDARD_IA");
    expect(text()).toContain("beside the profile's cost=training");

    await write("Content type", "text/plain\u00e9");
    expect(text()).toContain("such as text/plain; no spaces at its ends.");
    expect(button("Upload")?.disabled).toBe(true);
    await write("Content type", "text/plain");
    await write("Bucket's owner", "123456789012");
    await page.click(field("Keep permissions, too"));
    await page.click(button("Options"));
    expect(button("Options")?.textContent).toContain("text/plain, permissions, owner 123456789012");
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    expect(callsOf("transfer.drop").map(({ input }) => input)).toMatchObject([
      {
        object: { contentType: "text/plain", preserveMode: true },
        access: { expectedBucketOwner: "123456789012" },
      },
    ]);
  });
});

describe("the open sheet", () => {
  it("stays open with the reason when it cannot start", async () => {
    await show({
      ...started,
      "transfer.drop": async () => {
        throw new LonghaulError("bucket-missing", "no", { details: { bucket: "checkpoints" } });
      },
    });
    await drag("drop");
    await settle();
    await act(async () => document.querySelector("form")?.requestSubmit());
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain("checkpoints");
    expect(useDropStore.getState().sheet).not.toBeNull();
    expect(button("Upload")).toBeDefined();
  });

  it("adds a second drop to the open sheet", async () => {
    await show();
    await drag("drop");
    await drag("drop");
    expect(text()).toContain("Upload 2 folders and 2 files");
  });

  it("goes on with what an earlier page left, without a question", async () => {
    const waiting = makeTransfer("tree", { total: 1 }, { from: { kind: "drop" } });
    page = await render(<DropLayer />, [waiting], {
      ...started,
      "drop.match": async ({ files }) =>
        files.map((_file, index) => ({
          index,
          id: waiting.id,
          ticket: { ticket: `t${index}`, offsetBytes: 1 },
        })),
    });
    await drag("drop");
    await settle();
    expect(useDropStore.getState().sheet).toBeNull();
    expect(useNoticeStore.getState().notices[0]?.text).toBe(
      "3 files of this drop go on where they stopped.",
    );
  });
});

const picked = {
  ref: { path: "/home/mira/bert" },
  path: "/home/mira/bert",
  kind: "folder",
} as const;
const radio = (value: string) =>
  document.querySelector<HTMLInputElement>(`input[type="radio"][value="${value}"]`);
const destination = {
  profileId: ProfileId.parse("company"),
  bucket: "checkpoints",
  prefix: "nightly/",
};
const ask = () => act(async () => askAbout([itemOfPicked(picked)], destination));

describe("one folder alone, at the host", () => {
  it("can go as one archive, under the key that is shown", async () => {
    await show();
    await ask();
    expect(text()).toContain("s3://checkpoints/nightly/bert/…");
    await page.click(radio("tar.gz"));
    expect(text()).toContain("s3://checkpoints/nightly/bert.tar.gz");
    expect(text()).toContain("it begins anew");
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    expect(callsOf("transfer.upload").map(({ input }) => input)).toEqual([
      {
        sources: [{ path: "/home/mira/bert" }],
        destination,
        onConflict: "ask",
        archive: "tar.gz",
      },
    ]);
  });

  it("goes file by file again when something is added that cannot be packed with it", async () => {
    await show();
    await ask();
    await page.click(radio("tar"));
    await drag("drop");
    await settle();
    expect(radio("tar")).toBeNull();
    expect(text()).toContain("s3://checkpoints/nightly/bert/…");
  });
});

describe("one folder alone, which only the page has", () => {
  it("can go as one archive, too, with its empty folders", async () => {
    await show();
    entries = [fakeEntry("tree", { a: "12", void: {} })];
    await drag("drop");
    await settle();
    await page.click(radio("tar.zst"));
    expect(text()).toContain("s3://checkpoints/llama-sft-0417/tree.tar.zst");
    expect(text()).toContain("The files go to the host first");
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    expect(callsOf("transfer.drop").map(({ input }) => input)).toMatchObject([
      { name: "tree", archive: "tar.zst" },
    ]);
    expect(callsOf("drop.add").map(({ input }) => input)).toMatchObject([
      { files: [{ name: "tree/a" }, { name: "tree/void/", sizeBytes: 0 }] },
    ]);
  });

  it("is not offered an archive together with anything else that was dropped", async () => {
    await show();
    await drag("drop");
    await settle();
    expect(text()).not.toContain("Send as");
    await page.click(document.querySelector('[aria-label="Leave out note.txt"]'));
    expect(text()).toContain("Send as");
  });
});

it("copies the command that sends the same, while all of it is the host's", async () => {
  const writeText = vi.fn<(line: string) => Promise<void>>(async () => undefined);
  const clipboard = { writeText };
  Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
  await show();
  await ask();
  await page.click(radio("tar.zst"));
  await page.click(button("Copy as command"));
  expect(writeText).toHaveBeenCalledWith(
    "longhaul cp --archive tar.zst /home/mira/bert s3://checkpoints/nightly/ --profile company",
  );
  await drag("drop");
  await settle();
  expect(button("Copy as command")).toBeUndefined();
});

describe("without dragging", () => {
  it("browses the host's folders and uploads what is ticked there", async () => {
    useStatusStore.setState({ host: null });
    await show();
    await act(async () => useScreenStore.getState().wantUpload("files"));
    await settle();
    const rows = document.querySelectorAll<HTMLElement>('[role="row"][aria-label]');
    expect([...rows].map((row) => row.getAttribute("aria-label"))).toEqual([
      "Models, folder",
      "data, folder",
      "runs, folder",
    ]);
    await act(async () => rows[1]?.focus());
    await page.press(" ");
    await page.press("Enter");
    await settle();
    expect(text()).toContain("Upload 1 folder");
    await act(async () => document.querySelector("form")?.requestSubmit());
    expect(callsOf("transfer.upload").map(({ input }) => input)).toEqual([
      {
        sources: [{ path: "/home/mira/data" }],
        destination: { profileId: "company", bucket: "checkpoints", prefix: "llama-sft-0417/" },
        onConflict: "ask",
      },
    ]);
  });
});
