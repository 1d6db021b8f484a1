import { describe, expect, it } from "vitest";
import {
  accountAddressOf,
  addressOf,
  checkKey,
  parseEndpoint,
  pathOf,
  urlOf,
} from "./s3-address.ts";
import type { S3Location } from "./s3-address.ts";

const AWS: S3Location = { endpoint: null, region: "eu-west-1", addressing: "auto" };
const OWN: S3Location = {
  endpoint: new URL("https://minio.lab:9000"),
  region: "us-east-1",
  addressing: "auto",
};

function urlFor(location: S3Location, bucket: string, key: string): string {
  const address = addressOf(location, bucket);
  return urlOf(address, pathOf(address, key), []);
}

describe("where a request goes", () => {
  it.each<[location: S3Location, bucket: string, url: string]>([
    [AWS, "models", "https://models.s3.eu-west-1.amazonaws.com/k"],
    [AWS, "my.models", "https://s3.eu-west-1.amazonaws.com/my.models/k"],
    [{ ...AWS, region: "cn-north-1" }, "models", "https://models.s3.cn-north-1.amazonaws.com.cn/k"],
    [{ ...AWS, addressing: "path" }, "models", "https://s3.eu-west-1.amazonaws.com/models/k"],
    [OWN, "models", "https://minio.lab:9000/models/k"],
    [{ ...OWN, addressing: "virtual" }, "models", "https://models.minio.lab:9000/k"],
    [{ ...OWN, endpoint: new URL("http://[::1]:80/") }, "models", "http://[::1]/models/k"],
    [{ ...OWN, endpoint: new URL("https://gate/s3/") }, "models", "https://gate/s3/models/k"],
    [
      { ...OWN, endpoint: new URL("https://gate") },
      "tenant:models",
      "https://gate/tenant%3Amodels/k",
    ],
  ])("%j %s is %s", (location, bucket, url) => {
    expect(urlFor(location, bucket, "k")).toBe(url);
  });

  it("says the host with its port, as the Host header will", () => {
    expect(addressOf({ ...OWN, addressing: "virtual" }, "models")).toMatchObject({
      endpointOrigin: "https://minio.lab:9000",
      origin: "https://models.minio.lab:9000",
      host: "models.minio.lab:9000",
    });
  });

  it("has an address without a bucket, for the list of buckets", () => {
    const location = { ...OWN, endpoint: new URL("https://gate/s3") };
    expect(accountAddressOf(location)).toMatchObject({
      endpointUrl: "https://gate/s3",
      origin: "https://gate",
      basePath: "/s3/",
    });
  });
});

describe("the path of a key", () => {
  it.each([
    ["a/b", "/models/a/b"],
    ["a//b/", "/models/a//b/"],
    ["../up/./x", "/models/../up/./x"],
    ["/lead", "/models//lead"],
    ["a b+c%20", "/models/a%20b%2Bc%2520"],
    ["?#&=", "/models/%3F%23%26%3D"],
    ["é😀\u0001", "/models/%C3%A9%F0%9F%98%80%01"],
  ])("%j is %s, with nothing resolved", (key, path) => {
    expect(pathOf(addressOf(OWN, "models"), key)).toBe(path);
  });
});

describe("what cannot be", () => {
  it.each(["", "é".repeat(513), "lone \uD800 surrogate"])("refuses the key %j", (key) => {
    expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  it("takes a key of 1,024 bytes", () => {
    expect(() => checkKey("é".repeat(512))).not.toThrow();
  });

  it.each(["evil.com/", "a@b", "a#b", "a?b", "", "-a", "a b"])(
    "refuses the bucket %j",
    (bucket) => {
      expect(() => addressOf(OWN, bucket)).toThrow(expect.objectContaining({ code: "invalid" }));
    },
  );

  it("refuses a colon in a host name", () => {
    const location: S3Location = { ...OWN, addressing: "virtual" };
    expect(() => addressOf(location, "tenant:models")).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
  });

  it("refuses a region that would change the host", () => {
    const location = { ...AWS, region: "x.evil.com/" };
    expect(() => addressOf(location, "models")).toThrow(
      expect.objectContaining({ code: "invalid" }),
    );
  });

  it.each(["ftp://x", "nonsense", "https://user:secret@x", "https://x/?a", "https://x/#a"])(
    "refuses the endpoint %s without repeating what may be secret",
    (text) => {
      let message = "";
      try {
        parseEndpoint(text);
      } catch (thrown) {
        message = JSON.stringify([String(thrown), thrown]);
      }
      expect(message).toContain("[invalid]");
      expect(message).not.toContain("secret");
    },
  );

  it("takes an endpoint with a path", () => {
    expect(parseEndpoint("https://x:9000/s3").href).toBe("https://x:9000/s3");
  });
});
