import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { act } from "react";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { NO_SYNC } from "#shared/sync.ts";
import type { TransferView } from "#shared/transfer.ts";
import { CacheScreen } from "../cache/cache-screen.tsx";
import { lookAt } from "../cache/cache-store.ts";
import { fakeProfiles, fakeSettings } from "../fixture/fake-places.ts";
import { local, makeTransfer, remote } from "../fixture/make-transfer.ts";
import { render } from "../fixture/render.tsx";
import { LibraryScreen } from "../library/library-screen.tsx";
import { useNoticeStore } from "../state/notice-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";

let page: Awaited<ReturnType<typeof render>>;
const profileId = ProfileId.parse("company");
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));
const text = () => document.body.textContent ?? "";
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));
const inputsOf = (name: string) =>
  page.asked.filter((one) => one.name === name).map(({ input }) => input);
const row = (name: string) =>
  document.querySelector<HTMLElement>(`[role="row"][aria-label^="${name}"]`);
const lines = () => [...document.querySelectorAll('[aria-label="Kept in sync"] li')];

async function openLibrary(prefix = "", answers: Partial<CallHandlers> = {}) {
  const place = { profileId, bucket: "company-models", prefix };
  useScreenStore.setState({ screen: "library", place });
  page = await render(<LibraryScreen />, [], answers);
  await settle();
}

async function openList(
  answers: Partial<CallHandlers> = {},
  transfers: readonly TransferView[] = [],
) {
  lookAt({ tab: "follows", text: "" });
  page = await render(<CacheScreen />, transfers, answers);
  await settle();
}

beforeEach(async () => {
  useProfileStore.setState({ profiles: await fakeProfiles["profile.list"]() });
  useSettingsStore.setState({ settings: fakeSettings(new URLSearchParams()) });
  useNoticeStore.setState({ notices: [] });
});
afterEach(() => page.close());

describe("a prefix", () => {
  it("shows by its sign, and in its sentence, that it is kept in sync", async () => {
    await openLibrary();
    expect(row("llama-3.1")?.getAttribute("aria-label")).toContain("kept in sync");
    expect(row("llama-3.1")?.querySelector('[aria-label="Kept in sync"]')).not.toBeNull();
    expect(row("mixtral")?.querySelector('[aria-label="Kept in sync"]')).toBeNull();
  });

  it("is kept in sync by its key, with the interval that was chosen", async () => {
    await openLibrary();
    await act(async () => row("mixtral")?.focus());
    await page.press("s");
    await settle();
    expect(text()).toContain(
      "gets what is under s3://company-models/mixtral/, now and every hour.",
    );
    await page.click(document.querySelector('[role="dialog"] input[value="900000"]'));
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    expect(inputsOf("follow.set")).toEqual([
      {
        profileId,
        bucket: "company-models",
        key: "mixtral/",
        folder: { path: "/home/mira/Models/mixtral" },
        everyMs: 900_000,
      },
    ]);
    expect(row("mixtral")?.getAttribute("aria-label")).toContain("kept in sync");
    expect(useNoticeStore.getState().notices.at(-1)?.text).toContain("every 15 minutes");
  });

  it("that is open is kept in sync from the header, a whole bucket too", async () => {
    await openLibrary();
    await page.click(document.querySelector('[aria-label="More for this place"]'));
    await page.click(button("Keep in sync…"));
    expect(text()).toContain("/home/mira/Models/company-models gets what is under");
  });

  it("says why it cannot be kept in sync", async () => {
    await openLibrary("", {
      "follow.set": async () => {
        throw new LonghaulError("folder-denied", "no", { details: { path: "/home/mira/Models" } });
      },
    });
    await act(async () => row("mixtral")?.focus());
    await page.press("s");
    await act(async () => document.querySelector("form")?.requestSubmit());
    await settle();
    expect(useNoticeStore.getState().notices.at(-1)?.text).toContain("Nothing can be written into");
  });
});

describe("the list of what is kept in sync", () => {
  it("says of each how the last run ended and when the next is", async () => {
    await openList();
    expect(text()).toContain("In sync 3");
    const [fine, running, bad] = lines().map((line) => line.textContent ?? "");
    expect(fine).toContain("company-models/llama-3.1/");
    expect(fine).toContain("every hour");
    expect(fine).toContain("2 files fetched");
    expect(running).toContain("Runs now");
    expect(bad).toContain("The folder /mnt/big/nightly is not there.");
    expect(bad).toMatch(/Next at/);
  });

  it("says of one that runs what its transfer says", async () => {
    const sync = { ...NO_SYNC, isDryRun: false };
    const error = { code: "folder-missing", message: "", details: { path: "/mnt/d" } } as const;
    const state = { phase: "paused", cause: "folder-missing", sinceMs: 0, error } as const;
    const to = local("data/company-datasets");
    const from = remote("", "company-datasets");
    const run = makeTransfer("company-datasets", { total: 1 }, { from, to, sync, state });
    await openList({}, [makeTransfer("other", { total: 1 }, { from, to }), run]);
    expect(lines()[1]?.textContent).toContain("Runs now. The folder /mnt/d is not there.");
  });

  it("stops one, and leaves its files", async () => {
    await openList();
    await page.click(document.querySelector('[aria-label="Stop checkpoints/nightly/"]'));
    await settle();
    expect(lines()).toHaveLength(2);
    expect(useNoticeStore.getState().notices.at(-1)?.text).toContain("files stay as they are");
  });

  it("copies the command that does the same", async () => {
    const writeText = vi.fn<(text: string) => Promise<void>>(async () => undefined);
    const clipboard = { writeText };
    Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
    await openList();
    await page.click(
      document.querySelector('[aria-label="Copy as command: checkpoints/nightly/"]'),
    );
    expect(writeText).toHaveBeenCalledWith(
      "longhaul sync s3://checkpoints/nightly/ /mnt/big/nightly --every 15min --profile company",
    );
  });

  it("is narrowed by the filter, and says what to do where there is nothing", async () => {
    await openList();
    await act(async () => lookAt({ text: "NIGHTLY" }));
    expect(lines()).toHaveLength(1);
    await page.close();
    await openList({ "follow.list": async () => [] });
    expect(text()).toContain("In the Library, “Keep in sync…” is in the menu");
  });
});
