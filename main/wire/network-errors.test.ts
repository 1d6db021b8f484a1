import { expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { explainNetworkError, isClosedByPeer } from "./network-errors.ts";

const ORIGIN = "https://s3.example.com";
const withCode = (code: string) => Object.assign(new Error("text with a secret"), { code });

it.each([
  ["ENOTFOUND", "unknown-host"],
  ["EAI_AGAIN", "unknown-host"],
  ["EAI_FAIL", "unknown-host"],
  ["ECONNREFUSED", "unreachable"],
  ["ECONNRESET", "unreachable"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETDOWN", "unreachable"],
  ["ETIMEDOUT", "unreachable"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "untrusted-certificate"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "untrusted-certificate"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "untrusted-certificate"],
  ["CERT_HAS_EXPIRED", "untrusted-certificate"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "untrusted-certificate"],
  ["EPROTO", "protocol"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "protocol"],
  ["ERR_INVALID_REQUEST", "internal"],
])("explains %s as %s, with the origin and nothing secret", (cause, code) => {
  const explained = explainNetworkError(withCode(cause), ORIGIN);
  expect(explained).toMatchObject({ code, details: { endpoint: ORIGIN, cause } });
  expect(String(explained)).not.toContain("secret");
});

it("leaves alone what is explained already, and what is a bug", () => {
  const explained = new LonghaulError("source-changed", "it changed");
  const bug = new TypeError("undefined is not a function");
  expect(explainNetworkError(explained, ORIGIN)).toBe(explained);
  expect(explainNetworkError(bug, ORIGIN)).toBe(bug);
});

it.each([
  ["ECONNRESET", true],
  ["EPIPE", true],
  ["ECONNREFUSED", false],
  ["ETIMEDOUT", false],
])("takes %s for a connection that the other side closed: %s", (code, expected) => {
  expect(isClosedByPeer(withCode(code))).toBe(expected);
});
