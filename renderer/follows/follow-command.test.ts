import { expect, it } from "vitest";
import { followCommand } from "./follow-command.ts";

it("keeps the same in sync as the window does", () => {
  const followed = {
    bucket: "lab",
    key: "m/",
    folder: "/data/my m",
    everyMs: 900_000,
    include: ["*.bin"],
    exclude: [],
    profileName: "Lab",
  };
  expect(followCommand(followed)).toBe(
    "longhaul sync s3://lab/m/ '/data/my m' --every 15min --include '*.bin' --profile Lab",
  );
});
