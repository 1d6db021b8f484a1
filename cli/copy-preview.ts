import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatBytes } from "#shared/format.ts";
import type { CopyStep } from "./copy-plan.ts";
import { showName } from "./quote.ts";

type Amount = { readonly files: number; readonly sizeBytes: number; readonly isCut: boolean };

/** What a step would move; `from` and `to` as a person reads them, sources in the order they were named. */
export type Preview = Amount & {
  readonly direction: "upload" | "download";
  readonly from: readonly string[];
  readonly to: string;
};

/** What is at the destination already is not looked at. @throws {LonghaulError} `object-missing` */
export async function previewStep(
  client: Client,
  step: CopyStep,
  profile: Profile,
): Promise<Preview> {
  if (step.kind === "upload") {
    const amount = await client.call("folder.measure", {
      sources: step.paths.map((path) => ({ path })),
    });
    const to = `s3://${step.bucket}/${step.prefix}${step.rename ?? ""}`;
    return { direction: "upload", from: step.paths, to, ...amount };
  }
  const amounts = await Promise.all(
    step.keys.map((key) => measureKey(client, { profileId: profile.id, bucket: step.bucket }, key)),
  );
  const from = step.keys.map((key) => `s3://${step.bucket}/${key}`);
  return { direction: "download", from, to: `${step.folder}${step.rename ?? ""}`, ...sum(amounts) };
}

/** `would upload tree to s3://b/t/: 12 files, 3.1 GB` */
export function previewLine({ direction, from, to, ...amount }: Preview): string {
  return `would ${direction} ${from.map(showName).join(", ")} to ${showName(to)}: ${show(amount)}`;
}

type Where = { readonly profileId: Profile["id"]; readonly bucket: string };

async function measureKey(client: Client, where: Where, key: string): Promise<Amount> {
  if (key === "" || key.endsWith("/")) {
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
