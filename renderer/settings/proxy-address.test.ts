import { describe, expect, it } from "vitest";
import { proxyProblem, readProxyAddress } from "./proxy-address.ts";

describe("the address of a proxy", () => {
  it.each([
    ["proxy:3128", "http://proxy:3128"],
    ["http://proxy.corp.example:3128/", "http://proxy.corp.example:3128"],
    ["https://proxy", "https://proxy"],
    ["[fd00::1]:3128", "http://[fd00::1]:3128"],
  ])("%s is kept as %s", (typed, kept) => {
    expect(proxyProblem(typed)).toBeNull();
    expect(readProxyAddress(typed)).toBe(kept);
  });

  it.each([
    ["", "An address such as"],
    ["http://", "An address such as"],
    ["socks5://proxy:1080", "A proxy of http or https."],
    ["http://mira:secret@proxy:3128", "Name and password have fields below."],
  ])("%j is refused: %s", (typed, words) => expect(proxyProblem(typed)).toContain(words));
});
