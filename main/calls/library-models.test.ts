import { expect, it } from "vitest";
import { Described, ModelPage } from "#shared/library-models.ts";
import { ProfileId } from "#shared/profile.ts";
import { safetensorsOf } from "../models/model-fixtures.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { FakeWire } from "../parts/fake-wire.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { libraryModels } from "./library-models.ts";

const lab = { profileId: ProfileId.parse("lab"), bucket: "models" };

it("shows a bucket's models, and what their heads say", async () => {
  const store = new FakeStore();
  const { head, fileBytes } = safetensorsOf({ w: { dtype: "F16", shape: [40, 2] } });
  store.seed("m/model.safetensors", Buffer.concat([head], fileBytes));
  const slots = new Semaphore(2);
  const opened = {
    store,
    slots: {
      acquire: slots.acquire.bind(slots),
      heed: async <T>(ask: () => Promise<T>) => await ask(),
    },
  };
  const calls = libraryModels({ wire: new FakeWire(store), openStore: async () => opened });
  const page = ModelPage.parse(await calls["library.models"]({ ...lab, prefix: "", cursor: null }));
  expect(page).toMatchObject({ models: [{ prefix: "m/" }], objectCount: 1, cursor: null });
  const [variant] = page.models[0]?.variants ?? [];
  if (!variant) throw new Error("there is no variant");
  const described = Described.parse(
    await calls["library.describe"]({ ...lab, variants: [variant], isDeep: false }),
  );
  expect(described).toMatchObject([
    { facts: { parameters: { count: 80, isExact: true }, precision: "FP16" }, error: null },
  ]);
  expect(slots.heldCount).toBe(0);
});
