import { beforeEach, expect, it } from "vitest";
import { useNoticeStore } from "./notice-store.ts";

const { notify, dismiss } = useNoticeStore.getState();
const texts = () => useNoticeStore.getState().notices.map(({ text }) => text);

beforeEach(() => {
  useNoticeStore.setState({ notices: [] });
});

it("shows the newest three", () => {
  for (const text of ["one", "two", "three", "four"]) notify(text);
  expect(texts()).toEqual(["two", "three", "four"]);
});

it("takes away the one that is closed", () => {
  notify("one");
  notify("two", "warn");
  dismiss(useNoticeStore.getState().notices[0]?.id ?? -1);
  expect(useNoticeStore.getState().notices).toMatchObject([{ text: "two", tone: "warn" }]);
});
