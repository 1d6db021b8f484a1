import { describe, expect, it } from "vitest";
import {
  isBypassed,
  parseProxy,
  proxyOfEnvironment,
  proxyOfPac,
  proxySecretsOf,
} from "./proxy-choice.ts";

const s3 = new URL("https://s3.lab.example:9000/b/k");

describe("N15 the proxy of the environment", () => {
  it.each([
    [{ HTTPS_PROXY: "http://proxy:3128" }, s3.href, "http://proxy:3128"],
    [{ https_proxy: "http://small:1", HTTPS_PROXY: "http://large:2" }, s3.href, "http://small:1"],
    [{ HTTPS_PROXY: "proxy:3128" }, s3.href, "http://proxy:3128"],
    [{ HTTP_PROXY: "http://proxy:3128" }, s3.href, null],
    [{ HTTP_PROXY: "http://proxy:3128" }, "http://s3.lab.example/", "http://proxy:3128"],
    [{ ALL_PROXY: "https://proxy" }, s3.href, "https://proxy"],
    [{ HTTPS_PROXY: "http://[fd00::1]:3128" }, s3.href, "http://[fd00::1]:3128"],
    [{ HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "lab.example" }, s3.href, null],
    [{ HTTPS_PROXY: " " }, s3.href, null],
    [{}, s3.href, null],
  ])("%j for %s is %s", (environment, url, origin) => {
    expect(proxyOfEnvironment(new URL(url), environment)?.origin ?? null).toBe(origin);
  });

  it("signs in with what its URL says, and shows it nowhere else", () => {
    const proxy = parseProxy("http://mira:p%40ss@proxy:3128");
    const basic = Buffer.from("mira:p@ss").toString("base64");
    expect(proxy).toEqual({ origin: "http://proxy:3128", authorization: `Basic ${basic}` });
    expect(proxySecretsOf({ HTTPS_PROXY: "mira:p%40ss@proxy:3128" })).toEqual(["p%40ss", "p@ss"]);
  });

  it.each(["socks5://mira:canary@proxy:1080", "http://", "http://mira:canary@:x"])(
    "that cannot be used is refused without a word of what it holds: %s",
    (text) => {
      expect(() => parseProxy(text)).toThrow(expect.objectContaining({ code: "invalid" }));
      expect(() => parseProxy(text)).not.toThrow(/canary/);
    },
  );
});

it.each([
  ["PROXY proxy:3128; DIRECT", "http://proxy:3128"],
  ["SOCKS5 s:1; HTTPS proxy:443", "https://proxy"],
  ["DIRECT; PROXY proxy:3128", null],
  ["", null],
])("N15 the proxy of the system, %j, is %s", (answer, origin) => {
  expect(proxyOfPac(answer)?.origin ?? null).toBe(origin);
});

describe("N15 NO_PROXY", () => {
  it.each([
    ["*", "https://anything/", true],
    ["lab.example", "https://s3.lab.example/", true],
    [".lab.example", "https://lab.example/", true],
    ["*.lab.example", "https://s3.lab.example/", true],
    ["lab.example", "https://notlab.example/", false],
    ["a, lab.example", "https://S3.Lab.Example/", true],
    ["a lab.example", "https://s3.lab.example/", true],
    ["lab.example:9000", "https://s3.lab.example:9000/", true],
    ["lab.example:443", "https://s3.lab.example/", true],
    ["lab.example:9000", "https://s3.lab.example/", false],
    ["10.0.0.7", "http://10.0.0.7:9000/", true],
    ["10.0.0.7", "http://110.0.0.7/", false],
    ["10.0.0.0/8", "http://10.20.30.40/", true],
    ["10.0.0.0/8", "http://11.0.0.1/", false],
    ["10.0.0.0/99", "http://10.0.0.1/", false],
    ["::1", "http://[::1]:9000/", true],
    ["[::1]", "http://[::1]/", true],
    ["[::1]:9000", "http://[::1]:9000/", true],
    ["[::1]:9000", "http://[::1]/", false],
    ["fd00:0:0::7", "http://[fd00::7]/", true],
    ["fd00::/8", "http://[fd12::1]/", true],
    ["::1", "http://10.0.0.1/", false],
    ["", "http://10.0.0.1/", false],
  ])("%j lets %s pass the proxy: %s", (rules, url, isFree) => {
    expect(isBypassed(new URL(url), rules)).toBe(isFree);
  });
});
