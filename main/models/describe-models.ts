import type { Described, DescribeQuery, ModelFile } from "#shared/library-models.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { combineFacts } from "./combine-facts.ts";
import type { Heads } from "./combine-facts.ts";
import { headKindOf, isAllOf, LISTED_BYTES, readFileHead } from "./file-head.ts";
import type { FileHead, HeadKind } from "./file-head.ts";
import { HeadCache } from "./head-cache.ts";
import { lastNameOf, shardCountOf } from "./model-names.ts";
import { readRange } from "./read-range.ts";
import type { RangeMeans } from "./read-range.ts";

type Variant = DescribeQuery["variants"][number];
/** Where files are, as a name for what is held of them. */
type Place = Pick<DescribeQuery, "profileId" | "bucket">;

/** Of the 16 MiB for the variant whose detail is open: for its weights, and for the JSON beside them. */
const DEEP_WEIGHTS_BYTES = 14 * MiB;
const DEEP_JSON_BYTES = MiB;
/** The first shard of a GGUF model has the words of its tokenizer in its head, the others have not. */
const FIRST_GGUF_SHARE = 0.75;
/** Heads that are read at once, beside what moves. */
const AT_ONCE = 6;
/** Versions of which the facts are held; each is a few hundred bytes. */
const MOST_HELD = 5000;

/** Reads what model files say of themselves, and holds it by version. */
export class ModelDescriber {
  readonly #cache = new HeadCache<FileHead>(MOST_HELD);
  readonly #turns = new Semaphore(AT_ONCE);

  async describe(
    place: Place,
    variants: readonly Variant[],
    isDeep: boolean,
    reading: { readonly means: RangeMeans; readonly signal: AbortSignal },
  ): Promise<Described> {
    return await Promise.all(
      variants.map(async (variant) => {
        const read = async (file: ModelFile) => {
          const kind = headKindOf(file);
          const mostBytes = isDeep ? deepBytesOf(file, variant) : LISTED_BYTES[kind];
          return await this.#headOf(file, { place, mostBytes, isDeep, ...reading });
        };
        return await describeVariant(variant, read);
      }),
    );
  }

  async #headOf(
    file: ModelFile,
    wanted: {
      readonly place: Place;
      readonly mostBytes: number;
      readonly isDeep: boolean;
      readonly means: RangeMeans;
      readonly signal: AbortSignal;
    },
  ): Promise<FileHead> {
    const { place, mostBytes, isDeep, means, signal } = wanted;
    const version = JSON.stringify([place.profileId, place.bucket, file.key, file.etag]);
    return await this.#cache.get(version, mostBytes, async () => {
      const giveBack = await this.#turns.acquire(signal);
      try {
        const object = { ...file, versionId: null };
        const readFrom = async (start: number, end: number) =>
          await readRange(object, { start, end }, means, signal);
        const head = await readFileHead(file, mostBytes, isDeep, readFrom);
        return { head, isAll: isAllOf(head, file, mostBytes) };
      } finally {
        giveBack();
      }
    });
  }
}

/** Most bytes of a file's head for a detail; those of all files of the variant are at most 16 MiB. */
function deepBytesOf(file: ModelFile, { heads }: Variant): number {
  const kind = headKindOf(file);
  if (kind === "config" || kind === "index") return DEEP_JSON_BYTES;
  if (kind === "other") return LISTED_BYTES.other;
  const shards = heads.filter((one) => headKindOf(one) === kind);
  if (shards.length === 1) return DEEP_WEIGHTS_BYTES;
  if (kind === "safetensors") return Math.floor(DEEP_WEIGHTS_BYTES / shards.length);
  const firstBytes = DEEP_WEIGHTS_BYTES * FIRST_GGUF_SHARE;
  if (shards[0] === file) return firstBytes;
  return Math.floor((DEEP_WEIGHTS_BYTES - firstBytes) / (shards.length - 1));
}

async function describeVariant(
  { format, heads: files }: Variant,
  read: (file: ModelFile) => Promise<FileHead>,
): Promise<Described[number]> {
  const settled = await Promise.allSettled(files.map(read));
  const found = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = settled.find((one) => one.status === "rejected");
  const weights = files.filter((file) => isWeights(headKindOf(file)));
  const heads: Heads = {
    format,
    config: first(found, "config")?.head ?? null,
    index: first(found, "index")?.head ?? null,
    safetensors: found.flatMap((one) => (one.kind === "safetensors" && one.head ? [one.head] : [])),
    gguf: found.flatMap((one) => (one.kind === "gguf" && one.head ? [one.head] : [])),
    shardCount: Math.max(...weights.map(({ key }) => shardCountOf(lastNameOf(key))), 1),
    isAsNamed: isAsNamed(found),
  };
  return {
    facts: combineFacts(heads),
    error: failed === undefined ? null : toErrorInfo(failed.reason),
  };
}

function isWeights(kind: HeadKind): kind is "safetensors" | "gguf" {
  return kind === "safetensors" || kind === "gguf";
}

function first<K extends HeadKind>(found: readonly FileHead[], kind: K) {
  return found.find((one): one is Extract<FileHead, { kind: K }> => one.kind === kind);
}

/** Every head of weights that was read is one. */
function isAsNamed(found: readonly FileHead[]): boolean | null {
  const verdicts = found.flatMap((one) => {
    if (one.kind === "other") return [one.isAsNamed];
    return isWeights(one.kind) ? [one.head !== null] : [];
  });
  return verdicts.length === 0 ? null : verdicts.every(Boolean);
}
