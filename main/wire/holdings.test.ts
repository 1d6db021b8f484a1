import { expect, it } from "vitest";
import { Holdings } from "./holdings.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function rig() {
  const released: string[] = [];
  const holdings = new Holdings();
  const hold = (name: string) => holdings.add({ name, release: () => released.push(name) });
  return { released, holdings, hold };
}

it("gives everything back when it leaves", () => {
  const { released, holdings, hold } = rig();
  expect(hold("memory").name).toBe("memory");
  hold("slot");
  holdings.leave();
  expect(released).toEqual(["memory", "slot"]);
});

it("keeps everything until the worker is done, when one is at work", async () => {
  const { released, holdings, hold } = rig();
  const over = Promise.withResolvers<void>();
  hold("memory");
  holdings.after(over.promise);
  holdings.leave();
  await turn();
  expect(released).toEqual([]);
  over.resolve();
  await turn();
  expect(released).toEqual(["memory"]);
});
