import { expect, it } from "vitest";
import { isLoopback, LOOPBACK_HOSTS, whyRefused } from "./request-gate.ts";

const reach = { scheme: "http", port: 7478, hosts: LOOPBACK_HOSTS };

it.each([
  ["127.0.0.1:7478", undefined],
  ["LOCALHOST:7478", "http://localhost:7478"],
  ["[::1]:7478", "http://[::1]:7478"],
  ["127.0.0.1:7478", "http://localhost:7478"],
])("lets Host %s with Origin %s through", (host, origin) => {
  expect(whyRefused(reach, host, origin, false)).toBe(null);
});

it.each([
  [undefined, undefined],
  ["127.0.0.1", undefined],
  ["127.0.0.1:7479", undefined],
  ["evil.example:7478", undefined],
  ["127.0.0.1.evil.example:7478", undefined],
  ["127.0.0.1:7478", "http://evil.example"],
  ["127.0.0.1:7478", "http://evil.example:7478"],
  ["127.0.0.1:7478", "https://127.0.0.1:7478"],
  ["127.0.0.1:7478", "http://127.0.0.1:7479"],
  ["127.0.0.1:7478", "null"],
  ["127.0.0.1:7478", "app://longhaul"],
])("refuses Host %s with Origin %s", (host, origin) => {
  expect(whyRefused(reach, host, origin, false)).not.toBe(null);
});

it("wants an origin where only a page may ask", () => {
  expect(whyRefused(reach, "localhost:7478", undefined, true)).toBe("no origin");
});

it("takes a name without its port where that is the scheme's own", () => {
  const https = { scheme: "https", port: 443, hosts: ["gpu.lab"] };
  expect(whyRefused(https, "gpu.lab", "https://gpu.lab", true)).toBe(null);
});

it("knows which addresses only this machine can reach", () => {
  const hosts = [
    "127.0.0.1",
    "127.8.0.1",
    "::1",
    "localhost",
    "0.0.0.0",
    "10.0.0.1",
    "127.0.0.1.x",
  ];
  expect(hosts.filter(isLoopback)).toEqual(["127.0.0.1", "127.8.0.1", "::1", "localhost"]);
});
