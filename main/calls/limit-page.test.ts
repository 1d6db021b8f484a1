import { describe, expect, it } from "vitest";
import type { HostInfo } from "#shared/contract.ts";
import { callSchemas } from "#shared/contract.ts";
import { ProfileId } from "#shared/profile.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import { UploadRequest } from "#shared/transfer-request.ts";
import { LonghaulError } from "#shared/errors.ts";
import { TransferId } from "#shared/transfer.ts";
import { MADE_OF, MADE_OF_SOME } from "../transfers/item-notes.ts";
import { handlersFor } from "../attach/attached-engine.ts";
import { limitPage } from "./limit-page.ts";

const BELOW: Pick<HostInfo, "kind" | "roots"> = { kind: "web", roots: ["/data"] };

const LAB = ProfileId.parse("lab");
const SOME = TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d");

async function resolve(ref: LocalRef): Promise<string> {
  if ("handle" in ref || !`${ref.path}/`.startsWith("/data/")) {
    throw new LonghaulError("path-denied", "outside");
  }
  return ref.path;
}

const HERE = ["/data/a", "/cache/b", "/home/mine", null].map((path) => {
  const [state, doneBytes] = path === null ? ["part" as const, 1] : ["here" as const, 5];
  return { state, doneBytes, path };
});

const MADE = [`${MADE_OF}/home/mine, and compared.`, "not flushed"];

function itemWith(notes: readonly string[] | null) {
  return { index: 0, receipt: notes && { notes } };
}

/** The calls of a page, and which of them the engine got. */
function pageOf(info: Pick<HostInfo, "kind" | "roots">) {
  const got: string[] = [];
  const asked: unknown[] = [];
  const engine = handlersFor(async (name, input) => {
    if (name === "cache.folders") return [{ path: "/cache" }];
    got.push(name);
    asked.push(input);
    if (name === "transfer.items") return { items: [itemWith(MADE), itemWith(null)], total: 2 };
    return name === "library.here" ? HERE : null;
  });
  return { calls: limitPage(info, resolve, engine), got, asked };
}

const following = UploadRequest.parse({
  sources: [{ path: "/data/a" }],
  destination: { profileId: "lab", bucket: "models", prefix: "" },
  followSymlinks: true,
});

function repairing(...paths: readonly string[]) {
  return { ids: paths.map((path) => ({ path, origin: "o", key: "k" })) };
}

describe("a page that may touch some folders", () => {
  it("follows no links out of them", async () => {
    const { calls, got } = pageOf(BELOW);
    await expect(calls["transfer.upload"](following)).rejects.toThrow("links may lead out");
    await calls["transfer.upload"]({ ...following, followSymlinks: false });
    expect(got).toEqual(["transfer.upload"]);
  });

  it("has files repaired in them and in the cache, and nowhere else", async () => {
    const { calls, got } = pageOf(BELOW);
    await calls["cache.repair"](repairing("/data/a", "/cache/b"));
    await calls["cache.repair"]({ ids: null });
    expect(got).toEqual(["cache.repair", "cache.repair"]);
    const outside = calls["cache.repair"](repairing("/data/a", "/home/mine"));
    await expect(outside).rejects.toThrow("outside");
    expect(got).toHaveLength(2);
  });
});

describe("a page that may touch some folders sees", () => {
  const list = (below?: string[]) => callSchemas["cache.list"].input.parse({ below });

  it("only the copies in them and in the cache, whatever it asks for", async () => {
    const { calls, asked } = pageOf({ kind: "web", roots: ["/data", "/gone"] });
    await calls["cache.list"](list());
    await calls["cache.list"](list(["/home"]));
    expect(asked).toEqual([list(["/data"]), list(["/data"])]);
  });

  it("that an object is here, but not where outside", async () => {
    const { calls } = pageOf(BELOW);
    const found = await calls["library.here"]({ profileId: LAB, bucket: "models", objects: [] });
    expect(found.map(({ path }) => path)).toEqual(["/data/a", "/cache/b", null, null]);
    expect(found.map(({ state }) => state)).toEqual(["here", "here", "here", "part"]);
  });

  it("that a file was made of a copy, but not of which", async () => {
    const { calls } = pageOf(BELOW);
    const { items } = await calls["transfer.items"]({ id: SOME, offset: 0, limit: 2, phases: [] });
    expect(items).toEqual([itemWith([MADE_OF_SOME, "not flushed"]), itemWith(null)]);
  });
});

it.each<Pick<HostInfo, "kind" | "roots">>([
  { kind: "web", roots: ["/"] },
  { kind: "desktop", roots: ["/data"] },
])("%j may do all of it", async (info) => {
  const { calls, got } = pageOf(info);
  await calls["transfer.upload"](following);
  await calls["cache.repair"](repairing("/home/mine"));
  expect(got).toEqual(["transfer.upload", "cache.repair"]);
  expect(await calls["library.here"]({ profileId: LAB, bucket: "b", objects: [] })).toEqual(HERE);
});
