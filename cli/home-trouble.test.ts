import type { HostEvent } from "#shared/contract.ts";
import { expect, it } from "vitest";
import { tellHomeTrouble } from "./home-trouble.ts";

const idle = { type: "status", downBytesPerSecond: 0, upBytesPerSecond: 0, freeBytes: 0 } as const;
const error = { code: "disk-full", message: "", details: { path: "/home/ada/lh" } } as const;

it("says once that the list of transfers cannot be written, and once that it can again", () => {
  const listeners: ((event: HostEvent) => void)[] = [];
  const said: string[] = [];
  const onEvent = (listener: (event: HostEvent) => void) => {
    listeners.push(listener);
    return () => undefined;
  };
  tellHomeTrouble({ onEvent }, (line) => said.push(line));
  for (const homeTrouble of [null, error, error, null, null, error]) {
    for (const listener of listeners) listener({ ...idle, homeTrouble });
  }
  const full = expect.stringContaining(
    "The list of transfers cannot be written, the disk of /home/ada/lh is full.",
  );
  expect(said).toEqual([full, "The list of transfers can be written again.", full]);
});
