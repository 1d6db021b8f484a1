import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import { render } from "../fixture/render.tsx";
import { fakeProfiles } from "../fixture/fake-places.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { FirstRun } from "./first-run.tsx";

let page: Awaited<ReturnType<typeof render>>;
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.includes(words));
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);

beforeEach(async () => {
  const profiles = await fakeProfiles["profile.list"]();
  useProfileStore.setState({ profiles });
  useSettingsStore.setState(({ settings }) => ({
    settings: { ...settings, downloadFolder: "/home/mira/Models" },
  }));
  page = await render(<FirstRun />);
  await act(async () => undefined);
});
afterEach(() => page.close());

describe("the first minute", () => {
  it("gets the samples with one click, into the download folder", async () => {
    await page.click(button("Get all"));
    expect(callsOf("transfer.download").map(({ input }) => input)).toEqual([
      {
        profileId: "practice",
        bucket: "practice",
        keys: ["field-notes/", "tiny-stories-15M/", "whisper-tiny/"],
        folder: { path: "/home/mira/Models" },
      },
    ]);
  });

  it("says how much that is before it is done", () => {
    expect(button("Get all")?.textContent).toBe("Get all, 183 MB");
  });

  it("shows the bucket itself", async () => {
    await page.click(button("Look inside"));
    expect(useScreenStore.getState()).toMatchObject({
      screen: "library",
      place: { profileId: "practice", bucket: "practice", prefix: "" },
    });
  });

  it("asks for files to upload", async () => {
    await page.click(button("Choose files…"));
    expect(useScreenStore.getState().wantedUpload).toBe("files");
  });
});

describe("storage of one's own", () => {
  it("is added from ~/.aws, as far as it stays ticked", async () => {
    const tick = [...document.querySelectorAll('input[type="checkbox"]')][0];
    await page.click(tick);
    await page.click(button("Add these 2"));
    const saved = callsOf("profile.save").map(
      ({ input }) => (input as { profile: { name: string } }).profile.name,
    );
    expect(saved).toEqual(["research-us", "default"]);
  });
});
