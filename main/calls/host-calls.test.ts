import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { TransferId } from "#shared/transfer.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import { RunRig } from "../transfers/run-rig.ts";
import type { DownloadSpec } from "../transfers/transfer-spec.ts";
import { aHost, aHostInfo } from "./calls-rig.ts";
import { hostCalls } from "./host-calls.ts";

let rig: RunRig;
let shown: string[];
const diagnose = async () => ({ fileName: "diagnostics.json", text: "{}" });
let calls: ReturnType<typeof hostCalls>;

beforeEach(() => {
  rig = new RunRig();
  shown = [];
  const showInFolder = async (path: string) => void shown.push(path);
  calls = hostCalls(aHost({ showInFolder }), rig.book, rig.journal, diagnose);
});

afterEach(() => rig.close());

async function fetched(given: Partial<DownloadSpec>): Promise<TransferId> {
  for (const key of ["models/llama/a.bin", "models/llama/b/c.bin", "lone.bin"]) {
    rig.store.seed(key, Buffer.from(key));
  }
  const id = await rig.download(given);
  expect((await rig.rest(id)).state.phase).toBe("done");
  return id;
}

async function show(id: TransferId): Promise<string[]> {
  expect(await calls["host.showInFolder"]({ id })).toBeNull();
  return shown.map((path) => path.slice(rig.folder.length + 1));
}

describe("host.showInFolder", () => {
  it("shows the file of one object", async () => {
    expect(await show(await fetched({ keys: ["lone.bin"] }))).toEqual(["down/lone.bin"]);
  });

  it("shows the file under the name that it was given", async () => {
    const id = await fetched({ keys: ["lone.bin"], rename: "mine.bin" });
    expect(await show(id)).toEqual(["down/mine.bin"]);
  });

  it("shows the folder that a prefix has to itself", async () => {
    rig.store.list = async () => listOf("models/llama/");
    expect(await show(await fetched({ keys: ["models/llama/"] }))).toEqual(["down/llama"]);
  });

  it("shows the folder itself where the contents went right into it", async () => {
    rig.store.list = async () => listOf("models/llama/");
    const id = await fetched({ keys: ["models/llama/"], contentsOnly: true });
    expect(await show(id)).toEqual(["down"]);
  });

  it("shows the folder of a file that is gone", async () => {
    const id = await fetched({ keys: ["lone.bin"] });
    rmSync(rig.path("down/lone.bin"));
    expect(await show(id)).toEqual(["down"]);
  });

  it("shows the folder of a download that has found nothing yet", async () => {
    rig.isOurs = () => false;
    expect(await show(await rig.download({ keys: ["lone.bin"] }))).toEqual(["down"]);
  });

  it("shows nothing outside the folder for a key that climbs", async () => {
    rig.store.seed("..", Buffer.from("climbs"));
    const id = await rig.download({ keys: [".."] });
    await rig.rest(id);
    for (const path of await show(id)) expect(join("/", path)).toMatch(/^\/down/u);
  });

  it("has nothing to show of an upload", async () => {
    const id = await rig.upload({ sources: [rig.file("a")] });
    await rig.rest(id);
    expect(await show(id)).toEqual([]);
  });

  it("is a mistake of the caller for a transfer that is not there", async () => {
    const showing = calls["host.showInFolder"]({ id: aTransferId(9) });
    await expect(showing).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("host.showCopy", () => {
  const showCopy = async (path: string) => {
    await calls["host.showCopy"]({ path: rig.path(path) });
    return shown.map((each) => each.slice(rig.folder.length + 1));
  };

  it("shows a copy, and the folder of one that is gone", async () => {
    await fetched({ keys: ["lone.bin"] });
    expect(await showCopy("down/lone.bin")).toEqual(["down/lone.bin"]);
    rmSync(rig.path("down/lone.bin"));
    expect(await showCopy("down/lone.bin")).toEqual(["down/lone.bin", "down"]);
  });

  it("shows nothing else on this machine", async () => {
    await fetched({ keys: ["lone.bin"] });
    rig.file("down/mine.txt", "mine");
    await expect(showCopy("down/mine.txt")).rejects.toMatchObject({ code: "invalid" });
    expect(shown).toEqual([]);
  });
});

describe("the host", () => {
  it("says what it is and can", async () => {
    expect(await calls["host.info"](null)).toEqual(aHostInfo());
  });

  it("opens its dialogs, or says that it has none", async () => {
    const picked = [{ ref: { handle: "h1" }, path: "/models", kind: "folder" }] as const;
    const asked: unknown[] = [];
    const pick = async (...given: unknown[]) => {
      asked.push(given);
      return picked;
    };
    const able = hostCalls(aHost({ pick }), rig.book, rig.journal, diagnose);
    expect(await able["host.pick"]({ kind: "folder", title: "Where to" })).toEqual(picked);
    expect(asked).toEqual([["folder", "Where to"]]);
    const picking = calls["host.pick"]({ kind: "files", title: "" });
    await expect(picking).rejects.toBeInstanceOf(LonghaulError);
  });
});

function listOf(prefix: string) {
  const objects = [...rig.store.objects.values()].map(({ info }) => info);
  return {
    objects: objects.filter(({ key }) => key.startsWith(prefix)),
    prefixes: [],
    cursor: null,
  };
}

describe("help", () => {
  it("shows the newest log, and keeps diagnostics where the dialog says", async () => {
    await calls["host.openLogs"](null);
    expect(shown).toEqual([join(aHost().info.home, "logs", "longhaul.log")]);
    expect(await calls["host.diagnostics"](null)).toEqual(await diagnose());
    const kept: string[] = [];
    const saveText = async (name: string, text: string) => {
      kept.push(name, text);
      return "/chosen.json";
    };
    const able = hostCalls(aHost({ saveText }), rig.book, rig.journal, diagnose);
    expect(await able["host.saveDiagnostics"](null)).toBe("/chosen.json");
    expect(kept).toEqual(["diagnostics.json", "{}"]);
  });
});
