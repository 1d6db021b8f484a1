import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { TransferId } from "#shared/transfer.ts";
import { somethingFollowed } from "../../fixture/fake-follows.ts";
import { fakeProfiles, fakeSettings } from "../../fixture/fake-places.ts";
import { makeTransfer } from "../../fixture/make-transfer.ts";
import { render } from "../../fixture/render.tsx";
import { useProfileStore } from "../../state/profile-store.ts";
import { useScreenStore } from "../../state/screen-store.ts";
import { useSettingsStore } from "../../state/settings-store.ts";
import { LibraryScreen } from "../library-screen.tsx";
import { useTickStore } from "../tick-store.ts";
import { aModel, someFacts, threeVariants } from "./model-fixtures.ts";

let page: Awaited<ReturnType<typeof render>>;
const profileId = ProfileId.parse("company");
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));
const rows = () => [...document.querySelectorAll<HTMLElement>('[role="row"][aria-label]')];
const labels = () => rows().map((row) => row.getAttribute("aria-label"));
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const text = () => document.body.textContent ?? "";
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));
const detailButton = (words: string) =>
  [...document.querySelectorAll<HTMLButtonElement>("aside button")].find(
    (one) => one.textContent === words,
  );
const focusRow = (at: number) => act(async () => rows()[at]?.focus());

const MODELS = [threeVariants("llama/"), aModel("meta/phi-4/")];

async function open(answers: Partial<CallHandlers> = {}) {
  useScreenStore.setState({ screen: "library", place: { profileId, bucket: "b", prefix: "" } });
  page = await render(<LibraryScreen />, [], {
    "library.models": async () => ({ models: MODELS, objectCount: 12, cursor: null }),
    "library.describe": async ({ variants, isDeep }) =>
      variants.map(() => ({ facts: someFacts({ name: isDeep ? "Phi four" : null }), error: null })),
    ...answers,
  });
  await settle();
}

beforeEach(async () => {
  useProfileStore.setState({ profiles: await fakeProfiles["profile.list"]() });
  const settings = fakeSettings(new URLSearchParams());
  useSettingsStore.setState({ settings: { ...settings, libraryView: "models" } });
});
afterEach(() => page.close());

describe("the list of models", () => {
  it("shows what they are, and how much was looked at", async () => {
    await open();
    expect(labels()).toEqual([
      "llama, 8.03 B, Llama, 3 variants, newer upstream",
      "phi-4, 8.03 B, Llama, BF16, safetensors, 2 files, 1.0 kB, modified 1 Jan 1970, not here",
    ]);
    expect(text()).toContain("2 models, 2.2 kB. 12 objects looked at");
    expect(text()).toContain("in meta/");
  });

  it("opens a model's variants by the arrow, and closes them", async () => {
    await open();
    await focusRow(0);
    await page.press("ArrowRight");
    expect(labels().slice(1, 4)).toEqual([
      "Q4_K_M of llama, GGUF, 100 B, modified 1 Jan 1970, not here",
      "Q8_0 of llama, GGUF, 100 B, modified 1 Jan 1970, newer upstream",
      "BF16 of llama, safetensors, 1 kB, modified 1 Jan 1970, not here",
    ]);
    await page.press("ArrowDown");
    await page.press("ArrowLeft");
    expect(labels()).toHaveLength(2);
  });
});

describe("the chips above the list", () => {
  const chip = (label: string) =>
    [...document.querySelectorAll("label")].find((one) => one.textContent?.startsWith(label));

  it("show models by what is here of them, and how many there are", async () => {
    await open();
    expect(chip("All")?.textContent).toBe("All 2");
    expect(chip("Newer")?.textContent).toBe("Newer upstream 1");
    await page.click(chip("Newer") ?? null);
    expect(labels()).toEqual([expect.stringContaining("llama")]);
    expect(text()).toContain("1 of 2 models match");
    await page.click(chip("Here") ?? null);
    expect(labels()).toEqual([]);
    await page.click(chip("All") ?? null);
    expect(labels()).toHaveLength(2);
  });

  it("have no figures as long as nobody knows", async () => {
    await open({
      "library.here": async () => {
        throw new LonghaulError("internal", "odd");
      },
      "library.models": async () => ({
        models: [threeVariants("odd/")],
        objectCount: 4,
        cursor: null,
      }),
    });
    expect(chip("Here")?.textContent?.trim()).toBe("Here");
    await page.click(chip("Here") ?? null);
    expect(text()).toContain("Finding out what is here…");
  });
});

describe("picking models", () => {
  it("ticks a model and a variant, and gets both", async () => {
    await open({
      "transfer.download": async () => ({
        id: TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d"),
        isContinued: false,
      }),
    });
    await focusRow(0);
    await page.press("ArrowRight");
    await page.press("ArrowDown");
    await page.press(" ");
    for (let step = 0; step < 3; step += 1) await page.press("ArrowDown");
    await page.press(" ");
    await settle();
    expect(rows().map((row) => row.getAttribute("aria-selected"))).toEqual([
      "false",
      "true",
      "false",
      "false",
      "true",
    ]);
    await page.press("Enter");
    expect(callsOf("transfer.download").map(({ input }) => input)).toMatchObject([
      { bucket: "b", keys: ["llama/m-Q4_K_M.gguf", "meta/phi-4/"], keptFolders: ["llama/"] },
    ]);
  });

  it("ticks all by the box in its head", async () => {
    await open();
    await page.click(document.querySelector('[aria-label="Tick all models found"]'));
    expect([...useTickStore.getState().ticks.keys()]).toEqual(["llama/", "meta/phi-4/"]);
  });

  it("goes to a pasted address, and shows the model that holds what it names", async () => {
    await open();
    const field = document.querySelector<HTMLInputElement>("[data-filter]");
    await act(async () => {
      const pasted = new Event("paste", { bubbles: true, cancelable: true });
      const getData = () => "s3://other/meta/phi-4/config.json";
      Object.defineProperty(pasted, "clipboardData", { value: { getData } });
      field?.dispatchEvent(pasted);
    });
    await settle();
    expect(useScreenStore.getState().place).toMatchObject({
      bucket: "other",
      prefix: "meta/phi-4/",
    });
    expect(callsOf("library.models").at(-1)?.input).toMatchObject({ prefix: "meta/phi-4/" });
    expect(field?.value).toBe("config.json");
  });
});

describe("the details of a model", () => {
  it("are read to their end when they are opened, and closed by Escape", async () => {
    await open();
    await focusRow(1);
    await page.press("Enter");
    await settle();
    const panel = document.querySelector<HTMLElement>('aside[aria-label="Details of phi-4"]');
    expect(panel?.textContent).toContain("8,030,261,248");
    expect(panel?.textContent).toContain("Phi four");
    expect(panel?.textContent).toContain("model.safetensors");
    expect(callsOf("library.describe").at(-1)?.input).toMatchObject({ isDeep: true });
    await act(async () => panel?.querySelector("button")?.focus());
    await page.press("Escape");
    expect(document.querySelector("aside")).toBeNull();
  });

  it("say what could not be read, and try again", async () => {
    let isAway = true;
    await open({
      "library.describe": async ({ variants }) =>
        variants.map(() => ({
          facts: someFacts({ isAsNamed: null }),
          error: isAway ? { code: "unreachable", message: "away", details: {} } : null,
        })),
    });
    await focusRow(1);
    await page.press("d");
    await settle();
    expect(text()).toContain("The headers could not be read.");
    isAway = false;
    await page.click(button("Try again"));
    await settle();
    expect(text()).not.toContain("The headers could not be read.");
  });

  it("say that a file is not what its name says", async () => {
    await open({
      "library.describe": async ({ variants }) =>
        variants.map(() => ({ facts: someFacts({ isAsNamed: false }), error: null })),
    });
    await focusRow(1);
    await page.press("d");
    await settle();
    expect(text()).toContain("Its first bytes are not those of a safetensors file.");
  });

  it("lead to the files", async () => {
    await open();
    await focusRow(1);
    await page.press("d");
    await settle();
    await page.click(document.querySelector('aside [aria-label="Show the files"]'));
    await settle();
    expect(callsOf("settings.set").at(-1)?.input).toEqual({ libraryView: "files" });
    expect(useScreenStore.getState().place?.prefix).toBe("meta/phi-4/");
  });
});

describe("getting from the details", () => {
  /** The folder has all of these objects but the last, or all. */
  const having =
    (isAll: boolean): CallHandlers["library.measure"] =>
    async ({ objects }) => {
      const here = isAll ? objects : objects.slice(0, -1);
      const bytesOf = (some: typeof objects) =>
        some.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const counts = { objectCount: objects.length, hereCount: here.length, isCut: false };
      return { ...counts, sizeBytes: bytesOf(objects), hereBytes: bytesOf(here) };
    };

  it("gets what they are of, and leave what is ticked", async () => {
    await open({
      "library.measure": having(false),
      "transfer.download": async () => ({
        id: TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d"),
        isContinued: false,
      }),
    });
    await focusRow(0);
    await page.press(" ");
    await focusRow(1);
    await page.press("d");
    await settle();
    await page.click(detailButton("Get 10 B"));
    await settle();
    expect(callsOf("transfer.download").at(-1)?.input).toMatchObject({ keys: ["meta/phi-4/"] });
    expect([...useTickStore.getState().ticks.keys()]).toEqual(["llama/"]);
  });

  it("says where there is nothing to get", async () => {
    await open({ "library.measure": having(true) });
    await focusRow(1);
    await page.press("d");
    await settle();
    const nothing = detailButton("Nothing to get");
    expect(nothing?.getAttribute("aria-disabled")).toBe("true");
    await page.click(nothing);
    expect(callsOf("transfer.download")).toEqual([]);
  });
});

describe("what the details say of the copy here", () => {
  const aside = () => document.querySelector("aside")?.textContent ?? "";
  const toggle = () => document.querySelector<HTMLInputElement>('aside [role="switch"]');

  it("is how much is newer upstream, and where the copy is", async () => {
    await open();
    await focusRow(0);
    await page.press("d");
    await settle();
    expect(aside()).toContain("1 of 4 files differs, 100 B.");
    expect(aside()).toContain("/home/mira/Models/llama");
    expect(aside()).toContain("0 of 4 files, 0 B");
    await focusRow(1);
    await page.press("d");
    await settle();
    expect(aside()).not.toContain("Copy on this computer");
    expect(aside()).not.toContain("Newer upstream");
  });

  it("is whether it is kept in sync, which a dialog begins and a switch ends", async () => {
    const [kept] = somethingFollowed();
    if (kept === undefined) throw new Error("nothing is followed");
    let follows = [{ ...kept, bucket: "b", key: "llama/" }];
    await open({
      "follow.list": async () => follows,
      "follow.remove": async () => {
        follows = [];
        return null;
      },
    });
    await focusRow(0);
    await page.press("d");
    await settle();
    expect(toggle()?.checked).toBe(true);
    expect(aside()).toContain("Followed, every hour");
    await page.click(toggle());
    await settle();
    expect(callsOf("follow.remove").at(-1)?.input).toEqual({ id: kept.id });
    expect(toggle()?.checked).toBe(false);
    await page.click(toggle());
    await settle();
    expect(toggle()?.checked).toBe(false);
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain("llama/");
  });
});

describe("what is here of what the details are of", () => {
  const everything: CallHandlers["library.here"] = async ({ objects }) =>
    objects.map(({ key, sizeBytes }) => ({
      state: "here",
      doneBytes: sizeBytes,
      path: `/m/${key}`,
    }));

  it("is not all of a model that has more files than are listed", async () => {
    const cut = { ...aModel("big/"), isCut: true };
    await open({
      "library.here": everything,
      "library.models": async () => ({ models: [cut], objectCount: 2, cursor: null }),
    });
    await focusRow(0);
    await page.press("d");
    await settle();
    expect(document.querySelector("aside")?.textContent).toContain("2 of 2 and more files");
  });

  it("is asked for as bytes come, also where the list does not show it", async () => {
    await open();
    await focusRow(0);
    await page.press("d");
    await settle();
    // The list shows another model.
    const field = document.querySelector<HTMLInputElement>('[aria-label^="Filter"]');
    await act(async () => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, "phi");
      field?.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(labels()).toEqual([expect.stringContaining("phi")]);
    const before = callsOf("library.here").length;
    const changed = [makeTransfer("x", { total: 1 })];
    await page.publish({ type: "transfers", changed, removed: [] });
    await settle();
    const asked = JSON.stringify(callsOf("library.here").slice(before));
    expect(asked).toContain("llama/m-Q4_K_M.gguf");
  });
});

describe("the lines of the details", () => {
  it("say of each variant and file what is here of it", async () => {
    await open();
    await focusRow(0);
    await page.press("d");
    await settle();
    const signs = [...document.querySelectorAll("aside li")].map((line) => [
      line.querySelector('[role="img"]')?.getAttribute("aria-label"),
      line.querySelector("[title]")?.textContent ?? line.querySelectorAll("span")[1]?.textContent,
    ]);
    expect(signs).toEqual([
      ["not here", "Q4_K_M, GGUF"],
      ["newer upstream", "Q8_0, GGUF"],
      ["not here", "safetensors"],
      ["not here", "config.json"],
      ["not here", "m-Q4_K_M.gguf"],
      ["newer upstream", "m-Q8_0.gguf"],
      ["not here", "model.safetensors"],
    ]);
  });
});

describe("where there is no model", () => {
  it("says what would be one", async () => {
    await open({ "library.models": async () => ({ models: [], objectCount: 0, cursor: null }) });
    expect(text()).toContain("Folders with weights are models");
    expect(button("Show the files")).toBeUndefined();
    expect(button("Upload here")).toBeDefined();
  });

  it("leads to the files where there are some", async () => {
    await open({ "library.models": async () => ({ models: [], objectCount: 3, cursor: null }) });
    expect(text()).toContain("None is among the 3 objects here.");
    await page.click(button("Show the files"));
    expect(callsOf("settings.set").at(-1)?.input).toEqual({ libraryView: "files" });
  });

  it("says why they could not be looked for again", async () => {
    let isAway = false;
    await open({
      "library.models": async () => {
        if (isAway) throw new LonghaulError("unreachable", "away");
        return { models: [], objectCount: 3, cursor: null };
      },
    });
    expect(text()).toContain("No model is here");
    isAway = true;
    await page.click(document.querySelector('[aria-label="List again"]'));
    await settle();
    expect(text()).not.toContain("No model is here");
    expect(button("Try again")).toBeDefined();
  });

  it("does not look through a bucket of data by itself", async () => {
    await open({
      "library.models": async () => ({ models: [], objectCount: 12_000, cursor: "more" }),
    });
    expect(callsOf("library.models")).toHaveLength(2);
    expect(text()).toContain("None is among the first 24,000 objects; there are more.");
    await page.click(button("Look further"));
    await settle();
    expect(callsOf("library.models")).toHaveLength(4);
  });

  it("says in place why nothing could be listed", async () => {
    await open({
      "library.models": async () => {
        throw new LonghaulError("access-denied", "403");
      },
    });
    expect(button("Try again")).toBeDefined();
    await page.click(button("Change the profile"));
    expect(useScreenStore.getState()).toMatchObject({ screen: "settings" });
  });
});
