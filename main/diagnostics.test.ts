import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { Profile } from "#shared/profile.ts";
import { aHost, aHostInfo } from "./calls/calls-rig.ts";
import { makeDiagnostics } from "./diagnostics.ts";
import { RunRig } from "./transfers/run-rig.ts";

let rig: RunRig;
let home = "";
beforeEach(() => {
  rig = new RunRig();
  home = mkdtempSync(join(tmpdir(), "longhaul-diagnostics-"));
});
afterEach(async () => {
  await rig.close();
  rmSync(home, { recursive: true });
});

const kept = Profile.parse({
  id: "kept",
  name: "Kept",
  preset: "custom",
  endpoint: { kind: "url", url: "https://s3.lab.example" },
  region: "us-east-1",
  addressing: "path",
  bucket: null,
  credentials: { kind: "stored", accessKeyId: "SOMEBODYSKEY" },
  partSizeBytes: null,
  connections: null,
});

async function make(redact = (text: string) => text) {
  const { text, fileName } = await makeDiagnostics({
    host: aHost({ info: aHostInfo({ home, userFolder: "/home/ada" }), redact }),
    book: rig.book,
    journal: rig.journal,
    calls: {
      "settings.get": () => Promise.resolve(z.any().parse({ theme: "dark" })),
      "limit.now": () => Promise.resolve(z.any().parse({ mode: "full" })),
      "profile.list": async () => [{ profile: kept, problem: null }],
      "transfer.unfinished": async () => [],
    },
  });
  return { fileName, text, content: z.looseObject({}).parse(JSON.parse(text)) };
}

it("holds versions, settings, profiles without keys, counts and the last errors", async () => {
  rig.store.before = (call) => {
    if (call.startsWith("put")) throw new LonghaulError("invalid", "not so");
  };
  const id = await rig.upload({ sources: [rig.file("a.bin", Buffer.from("bytes"))] });
  await rig.rest(id);
  const { content, text, fileName } = await make();
  expect(content).toMatchObject({
    versions: { longhaul: expect.any(String), node: process.versions.node },
    settings: { theme: "dark" },
    profiles: [{ profile: { name: "Kept", credentials: { kind: "stored" } } }],
    journal: { transfers: { failed: 1 }, items: { failed: 1 }, unfinishedPieces: 0 },
    errors: expect.arrayContaining([
      { transfer: id, item: 0, error: expect.objectContaining({ code: "invalid" }) },
    ]),
    log: [],
  });
  expect(text).not.toContain("SOMEBODYSKEY");
  expect(fileName).toMatch(/^longhaul-diagnostics-[\dT-]+\.json$/);
});

it("holds the warnings and errors of the log, and no line that is cut", async () => {
  mkdirSync(join(home, "logs"));
  const lines = [30, 40, 50].map((level) => JSON.stringify({ level, msg: `level ${level}` }));
  writeFileSync(join(home, "logs", "longhaul.log"), `cut off"}\n${lines.join("\n")}\n{"lev`);
  expect((await make()).content["log"]).toEqual([
    { level: 40, msg: "level 40" },
    { level: 50, msg: "level 50" },
  ]);
});

it("passes every text through the redaction", async () => {
  const { content } = await make((text) => text.replaceAll("Kept", "[removed]"));
  expect(content["profiles"]).toMatchObject([{ profile: { name: "[removed]" } }]);
});
