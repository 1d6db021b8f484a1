import { expect, it } from "vitest";
import { contentSecurityPolicy, insertNonce } from "./page-policy.ts";

it("allows nothing but the host's own files and styles with the nonce", () => {
  const policy = contentSecurityPolicy("abc");
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
  expect(policy).toContain("style-src 'self' 'nonce-abc';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

it("puts the nonce into the page's head", () => {
  const html = "<html><head><title>x</title></head></html>";
  expect(insertNonce(html, "abc")).toMatch(/<head>\s*<meta name="csp-nonce" content="abc" \/>/);
});
