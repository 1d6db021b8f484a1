// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { takeToken } from "./web-token.ts";

beforeEach(() => {
  window.sessionStorage.clear();
  window.history.replaceState(null, "", "/");
});

it("takes the token off the address and keeps it for this tab", () => {
  window.location.hash = "#token=abc-123";
  expect(takeToken(window)).toBe("abc-123");
  expect(window.location.href).not.toContain("abc-123");
  expect(window.sessionStorage.getItem("token")).toBe("abc-123");
});

it("finds the kept token after a reload", () => {
  window.location.hash = "#token=abc-123";
  takeToken(window);
  expect(takeToken(window)).toBe("abc-123");
});

it("prefers the address, which is newer", () => {
  window.sessionStorage.setItem("token", "old");
  window.location.hash = "#token=new";
  expect(takeToken(window)).toBe("new");
  expect(window.sessionStorage.getItem("token")).toBe("new");
});

it("has none where none was ever given", () => {
  expect(takeToken(window)).toBeNull();
});
