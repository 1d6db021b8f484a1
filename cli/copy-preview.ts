import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatBytes } from "#shared/format.ts";
import type { CopyStep } from "./copy-plan.ts";
import { showName } from "./quote.ts";

/** More sources are counted. */
const NAMED = 10;
/** As many objects of one folder are worth a page of its listing. */
const WORTH_LISTING = 8;

type Amount = { readonly files: number; readonly sizeBytes: number; readonly isCut: boolean };

/** What a step would move; `from` and `to` as a person reads them, sources in the order they were named. */
export type Preview = Amount & {
  readonly direction: "upload" | "download";
  readonly from: readonly string[];
  readonly to: string;
  /** The filter was not asked: at most so much. */
  readonly isFiltered?: true;
};

/** What is at the destination already is not looked at. @throws {LonghaulError} `object-missing` */
export async function previewStep(
  client: Client,
  step: CopyStep,
  profile: Profile,
  filter: { readonly include: readonly string[]; readonly exclude: readonly string[] },
): Promise<Preview> {
  const preview = await measureStep(client, step, profile);
  const isFiltered = filter.include.length + filter.exclude.length > 0;
  return isFiltered ? { ...preview, isFiltered } : preview;
}

async function measureStep(client: Client, step: CopyStep, profile: Profile): Promise<Preview> {
  if (step.kind === "upload") {
    const amount = await client.call("folder.measure", {
      sources: step.paths.map((path) => ({ path })),
    });
    const to = `s3://${step.bucket}/${step.prefix}${step.rename ?? ""}`;
    return { direction: "upload", from: step.paths, to, ...amount };
  }
  const amounts = await measureKeys(
    client,
    { profileId: profile.id, bucket: step.bucket },
    step.keys,
  );
  const from = step.keys.map((key) => `s3://${step.bucket}/${key}`);
  return { direction: "download", from, to: `${step.folder}${step.rename ?? ""}`, ...sum(amounts) };
}

/** `would upload tree to s3://b/t/: 12 files, 3.1 GB` */
export function previewLine({ direction, from, to, isFiltered, ...amount }: Preview): string {
  const most = isFiltered ? "at most " : "";
  return `would ${direction} ${namesOf(from)} to ${showName(to)}: ${most}${show(amount)}`;
}

function namesOf(from: readonly string[]): string {
  const [first = ""] = from;
  if (from.length > NAMED) return `${showName(first)} and ${from.length - 1} more`;
  return from.map(showName).join(", ");
}

type Where = { readonly profileId: Profile["id"]; readonly bucket: string };

/** Objects of one folder are looked for in its listing, where they are enough to be worth one. */
async function measureKeys(
  client: Client,
  where: Where,
  keys: readonly string[],
): Promise<readonly Amount[]> {
  const amounts: Amount[] = [];
  for (const [folder, inside] of Map.groupBy(keys, folderOf)) {
    const sizes =
      inside.length < WORTH_LISTING ? null : await sizesIn(client, where, folder, inside);
    for (const key of inside) {
      const sizeBytes = isPrefix(key) ? undefined : sizes?.get(key);
      amounts.push(
        sizeBytes === undefined
          ? await measureKey(client, where, key)
          : { files: 1, sizeBytes, isCut: false },
      );
    }
  }
  return amounts;
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1);
}

function isPrefix(key: string): boolean {
  return key === "" || key.endsWith("/");
}

/** Pages until all are found; never more of them than there are keys. */
async function sizesIn(
  client: Client,
  where: Where,
  folder: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const wanted = new Set(keys);
  const sizes = new Map<string, number>();
  let cursor: string | null = null;
  for (let pages = 0; pages < keys.length; pages += 1) {
    const page = await listPage(client, where, folder, cursor);
    for (const { key, sizeBytes } of page.objects) if (wanted.has(key)) sizes.set(key, sizeBytes);
    cursor = page.cursor;
    if (cursor === null || sizes.size === wanted.size) break;
  }
  return sizes;
}

async function listPage(client: Client, where: Where, prefix: string, cursor: string | null) {
  return await client.call("library.list", { ...where, prefix, cursor });
}

async function measureKey(client: Client, where: Where, key: string): Promise<Amount> {
  if (isPrefix(key)) {
    const found = await client.call("library.measure", { ...where, prefixes: [key] });
    return { files: found.objectCount, sizeBytes: found.sizeBytes, isCut: found.isCut };
  }
  const page = await client.call("library.list", { ...where, prefix: key, cursor: null });
  const object = page.objects.find((each) => each.key === key);
  if (object === undefined) {
    const { bucket } = where;
    throw new LonghaulError("object-missing", `there is no s3://${bucket}/${key}`, {
      details: { bucket, key },
    });
  }
  return { files: 1, sizeBytes: object.sizeBytes, isCut: false };
}

function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce((total, each) => ({
    files: total.files + each.files,
    sizeBytes: total.sizeBytes + each.sizeBytes,
    isCut: total.isCut || each.isCut,
  }));
}

function show({ files, sizeBytes, isCut }: Amount): string {
  const more = isCut ? "more than " : "";
  return `${more}${files} ${files === 1 ? "file" : "files"}, ${formatBytes(sizeBytes, "decimal")}`;
}
