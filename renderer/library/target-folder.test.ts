import { expect, it } from "vitest";
import { targetChoices } from "./target-folder.ts";

it("offers the chosen folder, the settings' one and the recent ones, each once", () => {
  const chosen = { ref: { handle: "h1" }, path: "/data" };
  const choices = targetChoices(chosen, "/home/m/Longhaul", ["/data", "/scratch"]);
  expect(choices).toEqual([
    chosen,
    { ref: { path: "/home/m/Longhaul" }, path: "/home/m/Longhaul" },
    { ref: { path: "/scratch" }, path: "/scratch" },
  ]);
});

it("offers nothing before the host has answered", () => {
  expect(targetChoices(null, "", [])).toEqual([]);
});
