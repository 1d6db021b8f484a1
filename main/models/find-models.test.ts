import { describe, expect, it } from "vitest";
import type { ModelEntry } from "#shared/library-models.ts";
import { ModelPage } from "#shared/library-models.ts";
import { findModels } from "./find-models.ts";
import { KeyStore } from "./key-store-rig.ts";

const never = new AbortController().signal;

/** Looks until everything was looked at. */
async function findAll(store: KeyStore, prefix = "") {
  const models: ModelEntry[] = [];
  const pages: number[] = [];
  let cursor: string | null = null;
  let objectCount = 0;
  do {
    const before = store.queries.length;
    const page = ModelPage.parse(await findModels(store, { prefix, cursor }, never));
    models.push(...page.models);
    pages.push(store.queries.length - before);
    objectCount += page.objectCount;
    cursor = page.cursor;
  } while (cursor !== null);
  return { models, prefixes: models.map((one) => one.prefix), pages, objectCount };
}

const many = (prefix: string, count: number, ending = "csv") =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(6, "0")}.${ending}`);
const model = (prefix: string) => [
  `${prefix}config.json`,
  `${prefix}model-00001-of-00002.safetensors`,
  `${prefix}model-00002-of-00002.safetensors`,
  `${prefix}tokenizer.json`,
];

describe("looking for models", () => {
  it("takes one listing where it shows all of them", async () => {
    const store = new KeyStore([...model("a/"), ...model("b/c/"), "readme.md"]);
    const { prefixes, pages } = await findAll(store);
    expect(prefixes).toEqual(["a/", "b/c/"]);
    expect(pages).toEqual([1]);
  });

  it("answers at once with what a first listing shows, of however many objects", async () => {
    const store = new KeyStore([...model("a/"), ...many("data/", 50_000), ...model("z/")]);
    const page = await findModels(store, { prefix: "", cursor: null }, never);
    expect(page.models.map(({ prefix }) => prefix)).toEqual(["a/"]);
    expect(page.cursor).not.toBeNull();
    expect(store.queries).toHaveLength(1);
  });

  it("finds models behind a long data set with a few listings", async () => {
    const keys = [...many("data/train/", 40_000), ...many("data/x/", 9000), ...model("models/m/")];
    const store = new KeyStore(keys);
    const page = await findModels(store, { prefix: "", cursor: null }, never);
    expect(page.models.map(({ prefix }) => prefix)).toEqual(["models/m/"]);
    expect(store.queries.length).toBeLessThanOrEqual(5);
  });

  it("asks for a bounded number of pages at a time, and looks at every object once", async () => {
    const keys = [...many("data/", 30_000), ...many("more/", 5000), ...model("z/")];
    const store = new KeyStore(keys);
    const { prefixes, pages, objectCount } = await findAll(store);
    expect(prefixes).toEqual(["z/"]);
    expect(Math.max(...pages)).toBeLessThanOrEqual(14);
    expect(objectCount).toBe(keys.length);
  });

  it("stays below the prefix", async () => {
    const store = new KeyStore([...model("a/"), ...model("b/x/"), ...model("b/y/")]);
    expect((await findAll(store, "b/")).prefixes).toEqual(["b/x/", "b/y/"]);
  });
});

describe("a model across pages", () => {
  it.each([997, 998, 999])("is shown once and whole, after %i other objects", async (before) => {
    const keys = [...many("a/", before), ...model("b/"), ...many("c/", 1500), ...model("d/")];
    const { models, prefixes } = await findAll(new KeyStore(keys));
    expect(prefixes.toSorted()).toEqual(["b/", "d/"]);
    for (const one of models) {
      expect(one.variants.map(({ files }) => files.length)).toEqual([2]);
      expect([one.rest.length, one.isCut]).toEqual([2, false]);
    }
  });

  it("is shown with what is shown of one, however long it is", async () => {
    const keys = [...many("m/", 9000, "safetensors"), ...model("z/")];
    const { models, prefixes } = await findAll(new KeyStore(keys));
    expect(prefixes).toEqual(["m/", "z/"]);
    expect(models.map(({ isCut }) => isCut)).toEqual([true, false]);
  });
});

describe("whatever the layout", () => {
  const LAYOUTS: readonly (readonly [string, readonly string[]])[] = [
    ["loose objects between folders", [...many("a/", 1200), "b.txt", ...model("c/"), "d.txt"]],
    ["deep folders", [...many("a/b/c/d/e/f/g/h/", 2500), ...model("a/b/x/"), ...model("a/y/")]],
    ["more folders than a cursor holds", many("r", 3000, "d/x.csv").concat(model("s/"))],
    [
      "many folders in each of many",
      ["a", "b", "c", "d", "e", "f"].flatMap((top) => [
        ...many(`${top}/0/`, 1100),
        ...many(`${top}/r`, 400, "d/x.csv"),
        ...model(`${top}/z/`),
      ]),
    ],
    ["names beyond the basic plane", [...many("😀/", 1100), ...model("～/")]],
    ["models within data", [...many("a/", 1500), ...model("a/z/"), ...many("b/", 1500)]],
  ];

  it.each(LAYOUTS)("every model is found once: %s", async (_name, keys) => {
    const wanted = keys
      .filter((key) => key.endsWith("config.json"))
      .map((key) => key.slice(0, -11));
    const { prefixes, objectCount } = await findAll(new KeyStore(keys));
    expect(prefixes.toSorted()).toEqual(wanted.toSorted());
    expect(objectCount).toBe(keys.length);
  });
});

describe("a cursor", () => {
  it.each(["", "x", "{}", '[{"prefix":"other/"}]', "[1]"])(
    "that is none is refused: %s",
    async (cursor) => {
      const looking = findModels(new KeyStore([]), { prefix: "a/", cursor }, never);
      await expect(looking).rejects.toMatchObject({ code: "invalid" });
    },
  );

  it("leads to no other prefix", async () => {
    const cursor = JSON.stringify([
      { prefix: "b/", token: null, after: "", done: [], isFlat: false },
    ]);
    const looking = findModels(new KeyStore([]), { prefix: "a/", cursor }, never);
    await expect(looking).rejects.toMatchObject({ code: "invalid" });
  });
});
