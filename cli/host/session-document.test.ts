import { expect, it } from "vitest";
import { aProfile, MemoryDocument } from "#main/profiles/fakes.ts";
import { ProfileId } from "#shared/profile.ts";
import { forSession } from "./session-document.ts";

const saved = aProfile({ id: ProfileId.parse("lab") });
const own = aProfile({ id: ProfileId.parse("environment") });

function session() {
  const document = new MemoryDocument();
  document.write("profiles", [saved]);
  return { document, seen: forSession(document, [own]) };
}

it("shows the profiles of the command beside the saved ones, and keeps only those", () => {
  const { document, seen } = session();
  expect(seen.read("profiles")).toEqual([saved, own]);
  seen.write("profiles", [saved, own]);
  expect(document.read("profiles")).toEqual([saved]);
});

it("keeps the settings: another command may have set a limit", () => {
  const { document, seen } = session();
  const limits = { downBytesPerSecond: null, upBytesPerSecond: 5 };
  seen.write("settings", { limits });
  expect(document.read("settings")).toEqual({ limits });
});

it("keeps what was learned of endpoints", () => {
  const { document, seen } = session();
  seen.write("endpoints", { "https://s3.lab": { keepsConditions: true } });
  expect(document.read("endpoints")).toEqual({ "https://s3.lab": { keepsConditions: true } });
});
