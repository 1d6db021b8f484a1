import { describe, expect, it } from "vitest";

import {
  EMPTY_SHA256,
  canonicalRequest,
  isSameSecret,
  parseTimestamp,
  sha256Hex,
  signature,
  signingKey,
  stringToSign,
} from "./sigv4.ts";
import type { SignedRequest } from "./sigv4.ts";

/** The examples in Amazon's "Signature Calculations for the Authorization Header". */
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TIMESTAMP = "20130524T000000Z";
const SCOPE = { date: "20130524", region: "us-east-1", service: "s3" };
const HOST = "examplebucket.s3.amazonaws.com";

function sign(request: Omit<SignedRequest, "signedHeaders">): string {
  const signedHeaders = [...request.headers.keys()].toSorted();
  const text = stringToSign(TIMESTAMP, SCOPE, canonicalRequest({ ...request, signedHeaders }));
  return signature(signingKey(SECRET, SCOPE), text);
}

function headersWith(
  payloadHash: string,
  more: Readonly<Record<string, string>> = {},
): Map<string, string> {
  return new Map(
    Object.entries({
      host: HOST,
      "x-amz-content-sha256": payloadHash,
      "x-amz-date": TIMESTAMP,
      ...more,
    }),
  );
}

const WELCOME = sha256Hex("Welcome to Amazon S3.");

const EXAMPLES = [
  {
    title: "GET object with a range",
    request: {
      method: "GET",
      path: "/test.txt",
      query: [],
      headers: headersWith(EMPTY_SHA256, { range: "bytes=0-9" }),
      payloadHash: EMPTY_SHA256,
    },
    expected: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    title: "PUT object with a dollar sign in its key",
    request: {
      method: "PUT",
      path: "/test$file.text",
      query: [],
      headers: headersWith(WELCOME, {
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      }),
      payloadHash: WELCOME,
    },
    expected: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    title: "GET with a query parameter that has no value",
    request: {
      method: "GET",
      path: "/",
      query: [["lifecycle", ""]] as const,
      headers: headersWith(EMPTY_SHA256),
      payloadHash: EMPTY_SHA256,
    },
    expected: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  {
    title: "a listing, whose query is sorted",
    request: {
      method: "GET",
      path: "/",
      query: [
        ["prefix", "J"],
        ["max-keys", "2"],
      ] as const,
      headers: headersWith(EMPTY_SHA256),
      payloadHash: EMPTY_SHA256,
    },
    expected: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
  {
    title: "a presigned GET",
    request: {
      method: "GET",
      path: "/test.txt",
      query: [
        ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
        ["X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"],
        ["X-Amz-Date", TIMESTAMP],
        ["X-Amz-Expires", "86400"],
        ["X-Amz-SignedHeaders", "host"],
      ] as const,
      headers: new Map([["host", HOST]]),
      payloadHash: "UNSIGNED-PAYLOAD",
    },
    expected: "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  },
];

describe("signature", () => {
  it.each(EXAMPLES)("is Amazon's own for $title", ({ request, expected }) => {
    expect(sign(request)).toBe(expected);
  });
});

describe("canonicalRequest", () => {
  it("sorts equal names by value and folds spaces in headers", () => {
    const canonical = canonicalRequest({
      method: "GET",
      path: "/a b/ü",
      query: [
        ["b", "2"],
        ["a", "z"],
        ["a", "1/é"],
      ],
      headers: new Map([["host", "  one   two "]]),
      signedHeaders: ["host"],
      payloadHash: "HASH",
    });
    expect(canonical).toBe("GET\n/a%20b/%C3%BC\na=1%2F%C3%A9&a=z&b=2\nhost:one two\n\nhost\nHASH");
  });
});

describe("parseTimestamp", () => {
  it.each([
    ["20130524T000000Z", Date.UTC(2013, 4, 24)],
    ["2013-05-24T00:00:00Z", Number.NaN],
    ["20131324T000000Z", Number.NaN],
    ["", Number.NaN],
  ])("reads %s as %d", (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });
});

describe("isSameSecret", () => {
  it("compares texts of any lengths", () => {
    expect([isSameSecret("a", "a"), isSameSecret("a", "b"), isSameSecret("a", "aa")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
