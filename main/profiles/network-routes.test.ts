import { afterEach, expect, it, vi } from "vitest";
import { DEFAULT_NETWORK } from "#shared/network.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { NetworkRoutes } from "./network-routes.ts";

afterEach(() => vi.useRealTimers());

it("does not wait for ever for a system that looks for its proxy, and asks it again", async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  const routes = new NetworkRoutes({
    settings: () => ({ ...DEFAULT_NETWORK, proxy: { kind: "system" } }),
    password: async () => null,
    systemProxy: (url) => {
      asked.push(url);
      return asked.length === 1 ? new Promise(() => undefined) : Promise.resolve("DIRECT");
    },
    environment: {},
    clock: new FakeClock(),
  });
  const finding = routes.to("https://s3.example.com");
  const refused = expect(finding).rejects.toMatchObject({
    code: "unreachable",
    details: { endpoint: "https://s3.example.com", cause: "proxy unknown" },
  });
  await vi.advanceTimersByTimeAsync(10_000);
  await refused;
  expect(await routes.to("https://s3.example.com")).toBeUndefined();
  expect(asked).toHaveLength(2);
});
