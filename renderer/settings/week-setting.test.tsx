import { act } from "react";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Settings } from "#shared/settings.ts";
import { writeWeek } from "#shared/week-text.ts";
import { fakeSettings } from "../fixture/fake-places.ts";
import { render } from "../fixture/render.tsx";
import { useSettingsStore } from "../state/settings-store.ts";
import { WeekSetting } from "./week-setting.tsx";

const LIMITS = { downBytesPerSecond: 5_000_000, upBytesPerSecond: 5_000_000 };
let page: Awaited<ReturnType<typeof render>>;

beforeEach(async () => {
  const settings = fakeSettings(new URLSearchParams());
  const week = [{ atMinute: 0, mode: "full" as const }];
  useSettingsStore.setState({ settings: { ...settings, limits: LIMITS, week } });
  page = await render(<WeekSetting />, [], {
    "settings.set": async (change) => {
      const { settings: now } = useSettingsStore.getState();
      act(() => useSettingsStore.setState({ settings: Settings.parse({ ...now, ...change }) }));
      return null;
    },
  });
});
afterEach(() => page.close());

const cell = (label: string) => document.querySelector<HTMLElement>(`[aria-label^="${label}"]`);
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent === words);
const kept = () => {
  const { week, limits } = useSettingsStore.getState().settings;
  return week && writeWeek(week, limits);
};
const point = (type: string, target: EventTarget | null) =>
  act(async () => {
    target?.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0 }));
    await new Promise((resolve) => setTimeout(resolve, 0));
  });

it("is painted by a drag from corner to corner, and a day is copied to others", async () => {
  await point("pointerdown", cell("Monday 8:00"));
  await point("pointerover", cell("Tuesday 17:00"));
  expect(kept()).toBe("00:00,off");
  await point("pointerup", window);
  expect(kept()).toBe("Mon-Tue 08:00,40Mbit 18:00,off");
  await page.click(button("Copy Tue to weekdays"));
  expect(kept()).toBe("Mon-Fri 08:00,40Mbit 18:00,off");
  await page.click(button("No schedule"));
  expect(kept()).toBeNull();
});

it("is painted by keys, with one tab stop", async () => {
  expect(document.querySelectorAll('[role="gridcell"][tabindex="0"]')).toHaveLength(1);
  act(() => cell("Monday 8:00")?.focus());
  await page.press("ArrowDown");
  await page.press("ArrowRight", { shiftKey: true });
  await page.press("ArrowDown", { shiftKey: true });
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Wednesday 9:00 to 10:00, full");
  await page.press("3");
  expect(kept()).toBe("Tue-Wed 08:00,pause 10:00,off");
  await page.press(" ");
  expect(kept()).toBe("Tue-Wed 08:00,40Mbit 10:00,off");
  await page.press("1");
  expect(kept()).toBe("00:00,off");
});

it("is typed as text, which says what cannot be read", async () => {
  const field = () => document.querySelector<HTMLInputElement>("input.lh-mono");
  const type = (typed: string) =>
    act(async () => {
      const input = field();
      input?.focus();
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, typed);
      input?.dispatchEvent(new Event("input", { bubbles: true }));
    });
  expect(field()?.value).toBe("00:00,off");
  await type("Mon 08:00,10M");
  expect(document.body.textContent).toContain('"10M" may mean bits or bytes');
  await page.press("Enter");
  expect(kept()).toBe("00:00,off");
  await type("Sun 02:00,pause 05:00,off");
  await page.press("Enter");
  expect(kept()).toBe("Sun 02:00,pause 05:00,off");
});
