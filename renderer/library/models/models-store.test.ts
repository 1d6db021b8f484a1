import { beforeEach, describe, expect, it } from "vitest";
import { createClient } from "#shared/client.ts";
import type { Client } from "#shared/client.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { DescribeQuery, ModelPage } from "#shared/library-models.ts";
import { ProfileId } from "#shared/profile.ts";
import { resetStores } from "../../fixture/reset-stores.ts";
import { useFactsStore, wantDetail, wantFacts } from "./facts-store.ts";
import { aModel, someFacts, threeVariants } from "./model-fixtures.ts";
import { insistFurther, lookFurther, openModels } from "./models-store.ts";
import { showModelDetail, useModelsStore } from "./models-store.ts";

const place = { profileId: ProfileId.parse("lab"), bucket: "b", prefix: "" };
const state = () => useModelsStore.getState();

type Answer = (name: string, input: unknown) => unknown;

function clientOf(answer: Answer): { client: Client; asked: string[] } {
  const asked: string[] = [];
  const client = createClient({
    call: async (name, input) => {
      asked.push(name);
      try {
        return { ok: true, value: await answer(name, input) };
      } catch (error) {
        return { ok: false, error: toErrorInfo(error) };
      }
    },
    onEvent: () => () => undefined,
  });
  return { client, asked };
}

const page = (given: Partial<ModelPage> = {}): ModelPage => ({
  models: [],
  objectCount: 1000,
  cursor: "more",
  ...given,
});

beforeEach(resetStores);

describe("looking for models", () => {
  it("goes on until there is a first one", async () => {
    const pages = [page(), page(), page({ models: [aModel("z/")] })];
    const { client, asked } = clientOf(() => pages.shift());
    await openModels(client, place);
    expect(asked).toHaveLength(3);
    expect(state()).toMatchObject({ phase: "ready", objectCount: 3000, dryCount: 0 });
  });

  it("rests after many objects without one, until somebody insists", async () => {
    const { client, asked } = clientOf(() => page({ objectCount: 8000 }));
    await openModels(client, place);
    expect(asked).toHaveLength(3);
    expect(state()).toMatchObject({ objectCount: 24_000, isLoadingMore: false, cursor: "more" });
    await insistFurther(client);
    expect(asked).toHaveLength(6);
  });

  it("asks for one page at a time, and for none after the last", async () => {
    const pages = [
      page({ models: [aModel("a/")] }),
      page({ models: [aModel("b/")], cursor: null }),
    ];
    const { client, asked } = clientOf(() => pages.shift());
    await openModels(client, place);
    await Promise.all([lookFurther(client), lookFurther(client)]);
    await lookFurther(client);
    expect(asked).toHaveLength(2);
    expect(state().models.map(({ prefix }) => prefix)).toEqual(["a/", "b/"]);
  });

  it("drops the answer for a place that was left", async () => {
    const late = Promise.withResolvers<ModelPage>();
    const { client } = clientOf(() => late.promise);
    const opening = openModels(client, place);
    useModelsStore.setState({ place: { ...place, prefix: "x/" } });
    late.resolve(page({ models: [aModel("a/")] }));
    await opening;
    expect(state().models).toEqual([]);
  });
});

describe("what was found", () => {
  it("stays when the next page does not come, and that is said", async () => {
    let isAway = false;
    const { client } = clientOf(() => {
      if (isAway) throw new LonghaulError("unreachable", "away");
      return page({ models: [aModel("a/")] });
    });
    await openModels(client, place);
    isAway = true;
    await lookFurther(client);
    expect(state()).toMatchObject({ phase: "ready", error: { code: "unreachable" } });
    await openModels(client, place);
    expect(state()).toMatchObject({ phase: "ready", error: { code: "unreachable" } });
    expect(state().models.map(({ prefix }) => prefix)).toEqual(["a/"]);
    await openModels(client, { ...place, prefix: "other/" });
    expect(state()).toMatchObject({ phase: "failed", models: [] });
  });

  it("is never of two lists: a page of the one before comes too late", async () => {
    const late = Promise.withResolvers<ModelPage>();
    const answers = [
      page({ models: [aModel("a/")] }),
      late.promise,
      page({ models: [aModel("a/")] }),
    ];
    const { client } = clientOf(() => answers.shift());
    await openModels(client, place);
    const further = lookFurther(client);
    await openModels(client, place);
    late.resolve(page({ models: [aModel("b/")], cursor: null }));
    await further;
    expect(state()).toMatchObject({ cursor: "more", isLoadingMore: false });
    expect(state().models.map(({ prefix }) => prefix)).toEqual(["a/"]);
  });

  it("stays on screen until the same place was looked at again", async () => {
    const pages = [
      page({ models: [aModel("a/")], objectCount: 5 }),
      page({ models: [aModel("b/")], objectCount: 7, cursor: null }),
    ];
    const { client } = clientOf(() => pages.shift());
    await openModels(client, place);
    showModelDetail("a/");
    const again = openModels(client, { ...place });
    expect(state().models.map(({ prefix }) => prefix)).toEqual(["a/"]);
    await again;
    expect(state()).toMatchObject({ objectCount: 7, cursor: null, detail: "a/" });
    expect(state().models.map(({ prefix }) => prefix)).toEqual(["b/"]);
  });
});

const models = Array.from({ length: 20 }, (_, at) => aModel(`${at}/`));
const visible = (from: number, to: number) =>
  models.slice(from, to).flatMap((model) => model.variants.map((variant) => ({ model, variant })));
const settled = async () => await new Promise<void>((done) => setTimeout(done, 0));

describe("what heads say", () => {
  it("is asked for what is on screen, once, a few at a time", async () => {
    useFactsStore.setState({ place });
    const sizes: number[] = [];
    const { client } = clientOf((_name, input) => {
      const { variants } = input as DescribeQuery;
      sizes.push(variants.length);
      return variants.map(() => ({ facts: someFacts(), error: null }));
    });
    wantFacts(client, visible(0, 10));
    await settled();
    wantFacts(client, visible(0, 10));
    await settled();
    expect(sizes).toEqual([8, 2]);
    expect(useFactsStore.getState().known.size).toBe(10);
  });

  it("is not asked for what was scrolled away meanwhile", async () => {
    useFactsStore.setState({ place });
    const first = Promise.withResolvers<void>();
    const asked: string[] = [];
    const { client } = clientOf(async (_name, input) => {
      const { variants } = input as DescribeQuery;
      asked.push(...variants.map(({ heads }) => heads[0]?.key ?? ""));
      await first.promise;
      return variants.map(() => ({ facts: someFacts(), error: null }));
    });
    wantFacts(client, visible(0, 12));
    wantFacts(client, visible(18, 20));
    first.resolve();
    await settled();
    expect(asked.map((key) => Number.parseInt(key, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 18, 19]);
  });

  it("that could not be read is not asked for again by itself", async () => {
    useFactsStore.setState({ place });
    const { client, asked } = clientOf(() => {
      throw new LonghaulError("access-denied", "403");
    });
    wantFacts(client, visible(0, 2));
    await settled();
    wantFacts(client, visible(0, 2));
    await settled();
    expect(asked).toHaveLength(1);
    const [known] = useFactsStore.getState().known.values();
    expect(known).toMatchObject({ facts: undefined, error: { code: "access-denied" } });
  });
});

describe("what the detail says", () => {
  it("is read to the end of its heads, and what the list has stays where that fails", async () => {
    useFactsStore.setState({ place });
    const model = threeVariants("m/");
    const [variant] = model.variants;
    if (!variant) throw new Error("there is no variant");
    let isAway = false;
    const { client, asked } = clientOf(() => {
      if (isAway) throw new LonghaulError("unreachable", "away");
      return [{ facts: someFacts(), error: null }];
    });
    wantFacts(client, [{ model, variant }]);
    await settled();
    isAway = true;
    await wantDetail(client, { model, variant });
    expect([...useFactsStore.getState().known.values()]).toMatchObject([
      { facts: { precision: "BF16" }, error: { code: "unreachable" } },
    ]);
    isAway = false;
    await wantDetail(client, { model, variant });
    await wantDetail(client, { model, variant });
    expect(asked).toHaveLength(3);
  });
});
