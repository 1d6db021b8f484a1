import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { Described } from "#shared/library-models.ts";
import type { ModelFile, ModelFormat } from "#shared/library-models.ts";
import { ProfileId } from "#shared/profile.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { FakeWire } from "../parts/fake-wire.ts";
import type { GetOperation, SignedOrder, DataOperation } from "../stores/store.ts";
import { ModelDescriber } from "./describe-models.ts";
import { ggufOf, safetensorsOf } from "./model-fixtures.ts";

const KiB = 1024;
const place = { profileId: ProfileId.parse("lab"), bucket: "models" };
const signal = new AbortController().signal;

/** A store of real bytes that writes down what is asked of it. */
class ReadStore extends FakeStore {
  readonly reads: { key: string; start: number; end: number }[] = [];
  held = 0;
  mostHeld = 0;

  override async sign(operation: DataOperation): Promise<SignedOrder> {
    const { object, range } = operation as GetOperation;
    this.reads.push({ key: object.key, start: range?.start ?? 0, end: range?.end ?? -1 });
    return await super.sign(operation);
  }

  bytesOf(key: string): number {
    return this.reads
      .filter((read) => read.key === key)
      .reduce((sum, { start, end }) => sum + end - start, 0);
  }
}

function aReader() {
  const store = new ReadStore();
  const wire = new FakeWire(store);
  const slots = {
    acquire: async () => {
      store.mostHeld = Math.max(store.mostHeld, (store.held += 1));
      return () => void (store.held -= 1);
    },
  };
  const describer = new ModelDescriber();
  const put = (key: string, bytes: Buffer): ModelFile => {
    const { sizeBytes, etag, modifiedAtMs } = store.seed(key, bytes);
    return { key, sizeBytes, etag, modifiedAtMs };
  };
  const ask = async (format: ModelFormat, heads: readonly ModelFile[], isDeep = false) => {
    const means = { store, wire, meter: wire.openMeter(), slots };
    const variants = [{ format, heads: [...heads] }];
    const [one] = Described.parse(
      await describer.describe(place, variants, isDeep, { means, signal }),
    );
    if (!one) throw new Error("nothing was answered");
    return one;
  };
  return { store, put, ask, describer, wire, slots };
}

/** A safetensors file of one shard, whole, with so many tensors of 128 elements. */
function shardOf(tensors: number): Buffer {
  const names = Array.from({ length: tensors }, (_, at) => `model.layers.${at}.self_attn.weight`);
  const { head, fileBytes } = safetensorsOf(
    Object.fromEntries(names.map((name) => [name, { dtype: "BF16", shape: [128] }])),
  );
  return Buffer.concat([head, Buffer.alloc(fileBytes - head.length)]);
}

const CONFIG = Buffer.from('{"architectures":["LlamaForCausalLM"],"num_hidden_layers":2}');

describe("a model in the list", () => {
  it("is described by its configuration and its header, in one request each", async () => {
    const { store, put, ask } = aReader();
    const heads = [put("m/config.json", CONFIG), put("m/model.safetensors", shardOf(20))];
    expect((await ask("safetensors", heads)).facts).toMatchObject({
      architecture: "LlamaForCausalLM",
      layers: 2,
      precision: "BF16",
      parameters: { count: 2560, isExact: true },
      isAsNamed: true,
    });
    expect(store.reads.map(({ key }) => key)).toEqual(["m/config.json", "m/model.safetensors"]);
  });

  it("costs at most 64 KiB, however long its header is", async () => {
    const { store, put, ask } = aReader();
    const heads = [
      put("m/config.json", Buffer.concat([CONFIG, Buffer.alloc(90 * KiB, " ")])),
      put("m/model.safetensors.index.json", Buffer.alloc(90 * KiB, " ")),
      put("m/model.safetensors", shardOf(4000)),
    ];
    const { facts } = await ask("safetensors", heads);
    expect(facts.parameters).toEqual({ count: 512_000, isExact: false });
    const sizes = store.reads.map(({ start, end }) => end - start);
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(64 * KiB);
  });

  it("is not read again while it is the same version", async () => {
    const { store, put, ask } = aReader();
    const file = put("m/model.safetensors", shardOf(4000));
    await ask("safetensors", [file]);
    await ask("safetensors", [file]);
    expect(store.reads).toHaveLength(1);
    await ask("safetensors", [put("m/model.safetensors", shardOf(4001))]);
    expect(store.reads).toHaveLength(2);
  });

  it("that is not what its name says is said to be so", async () => {
    const { put, ask } = aReader();
    const pointer = Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    for (const [format, name] of [
      ["safetensors", "a.safetensors"],
      ["gguf", "a.gguf"],
      ["onnx", "a.onnx"],
      ["pytorch", "a.pt"],
    ] as const) {
      const { facts, error } = await ask(format, [put(`m/${name}`, pointer)]);
      expect([facts.isAsNamed, facts.parameters, error]).toEqual([false, null, null]);
    }
    expect((await ask("gguf", [put("m/empty.gguf", Buffer.alloc(0))])).facts.isAsNamed).toBe(false);
  });

  it("is described as far as it could be read, with the reason", async () => {
    const { store, put, ask } = aReader();
    const heads = [put("m/config.json", CONFIG), put("m/model.safetensors", shardOf(2))];
    store.objects.delete("m/model.safetensors");
    const { facts, error } = await ask("safetensors", heads);
    expect(facts).toMatchObject({ architecture: "LlamaForCausalLM", isAsNamed: null });
    expect(error).toMatchObject({ code: "object-missing" });
  });
});

describe("the detail of a model", () => {
  it("reads a header to its end, by exactly as many bytes as its length says", async () => {
    const { store, put, ask } = aReader();
    const bytes = shardOf(4000);
    const file = put("m/model.safetensors", bytes);
    const { facts } = await ask("safetensors", [file], true);
    expect(facts).toMatchObject({
      parameters: { count: 512_000, isExact: true },
      tensorCount: 4000,
    });
    expect(store.bytesOf(file.key)).toBe(8 + Number(bytes.readBigUInt64LE()));
    await ask("safetensors", [file]);
    expect(store.reads).toHaveLength(2);
  });

  it("counts over all shards", async () => {
    const { put, ask } = aReader();
    const shards = [1, 2, 3].map((at) =>
      put(`m/model-0000${at}-of-00003.safetensors`, shardOf(100 * at)),
    );
    expect((await ask("safetensors", shards, true)).facts).toMatchObject({
      parameters: { count: 600 * 128, isExact: true },
      tensorCount: 600,
    });
    expect((await ask("safetensors", shards.slice(0, 2), true)).facts.parameters).toBeNull();
  });

  it("reads a GGUF head on until it ends", async () => {
    const { store, put, ask } = aReader();
    const words = Array.from({ length: 300_000 }, (_, at) => `token ${at}`);
    const head = ggufOf(
      {
        "general.architecture": { kind: "text", value: "qwen2" },
        "tokenizer.ggml.tokens": { kind: "texts", value: words },
      },
      { w: [4096, 4096] },
    );
    const file = put("m/q.gguf", Buffer.concat([head, Buffer.alloc(8 * 1024 * KiB)]));
    expect((await ask("gguf", [file])).facts.parameters).toBeNull();
    expect((await ask("gguf", [file], true)).facts.parameters).toEqual({
      count: 4096 * 4096,
      isExact: true,
    });
    expect(store.bytesOf(file.key)).toBeLessThanOrEqual(16 * 1024 * KiB);
  });
});

it("reads few heads at once, and one that is asked for twice once", async () => {
  const { store, put, describer, wire, slots } = aReader();
  const files = Array.from({ length: 30 }, (_, at) => put(`${at}/m.safetensors`, shardOf(3)));
  const variants = [...files, ...files].map((file) => ({
    format: "safetensors" as const,
    heads: [file],
  }));
  const means = { store, wire, meter: wire.openMeter(), slots };
  await describer.describe(place, variants, false, { means, signal });
  expect(store.reads).toHaveLength(30);
  expect(store.mostHeld).toBeLessThanOrEqual(6);
});

it("tries once more what may have been a moment's trouble, and then says so", async () => {
  const { put, ask, wire } = aReader();
  const file = put("m/model.safetensors", shardOf(3));
  let tries = 0;
  wire.receive = async () => {
    tries += 1;
    throw new LonghaulError("unreachable", "reset");
  };
  expect((await ask("safetensors", [file])).error).toMatchObject({ code: "unreachable" });
  expect(tries).toBe(2);
});
