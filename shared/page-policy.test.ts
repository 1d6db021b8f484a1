import { expect, it } from "vitest";
import { contentSecurityPolicy, insertNonce } from "./page-policy.ts";

it("allows nothing but the host's own files and styles with the nonce", () => {
  const policy = contentSecurityPolicy("abc");
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
  expect(policy).toContain("style-src 'self' 'nonce-abc';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

it("puts the nonce where the page waits for it", () => {
  const html = '<head><meta name="csp-nonce" content="" /><title>x</title></head>';
  expect(insertNonce(html, "abc")).toBe(
    '<head><meta name="csp-nonce" content="abc" /><title>x</title></head>',
  );
});
