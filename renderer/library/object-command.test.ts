import { expect, it } from "vitest";
import { commandOfObject, commandOfUnpacking } from "./object-command.ts";

const where = { bucket: "lab", profileName: "Lab of Ada", folder: "/data", separator: "/" };

it.each([
  [{ kind: "object", key: "m/a.bin" }, "longhaul cp s3://lab/m/a.bin /data/"],
  [{ kind: "prefix", key: "m/bert/" }, "longhaul cp s3://lab/m/bert/ /data/bert/"],
] as const)("gets %j as the window does", (row, command) => {
  expect(commandOfObject(row, where)).toBe(`${command} --profile 'Lab of Ada'`);
});

it("unpacks into the folder that was said", () => {
  expect(commandOfUnpacking("m/my bert.tar.zst", "/data/my bert", where)).toBe(
    "longhaul get 's3://lab/m/my bert.tar.zst' /data/ '--unpack=/data/my bert' --profile 'Lab of Ada'",
  );
});
