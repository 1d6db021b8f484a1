// @vitest-environment happy-dom
import { getNonce } from "get-nonce";
import { afterEach, expect, it } from "vitest";
import { takeNonce } from "./style-nonce.ts";

afterEach(() => {
  document.head.innerHTML = "";
});

it("reads this load's nonce from the page's head and hands it to the scroll lock", () => {
  document.head.innerHTML = '<meta name="csp-nonce" content="r4nd0m" />';
  expect(takeNonce(document)).toBe("r4nd0m");
  expect(getNonce()).toBe("r4nd0m");
});

it("is empty where the page has none", () => {
  expect(takeNonce(document)).toBe("");
});
