import { expect, it } from "vitest";
import { socketAddress } from "./open-host.ts";

it.each([
  ["http:", "127.0.0.1:4100", "ws://127.0.0.1:4100/socket"],
  ["https:", "box.lab:8443", "wss://box.lab:8443/socket"],
])("speaks to the host that served the page, over %s", (protocol, host, address) => {
  expect(socketAddress({ protocol, host })).toBe(address);
});
