import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import { formatBytes } from "#shared/format.ts";
import type { CopyStep } from "./copy-plan.ts";
import { showName } from "./quote.ts";

type Amount = { readonly files: number; readonly sizeBytes: number; readonly isCut: boolean };

/** `would upload tree to s3://b/t/: 12 files, 3.1 GB`; what is there already is not looked at. */
export async function previewStep(
  client: Client,
  step: CopyStep,
  profile: Profile,
): Promise<string> {
  if (step.kind === "upload") {
    const amount = await client.call("folder.measure", {
      sources: step.paths.map((path) => ({ path })),
    });
    const target = `s3://${step.bucket}/${step.prefix}${step.rename ?? ""}`;
    return `would upload ${step.paths.map(showName).join(", ")} to ${showName(target)}: ${show(amount)}`;
  }
  const amounts = await Promise.all(
    step.keys.map((key) => measureKey(client, { profileId: profile.id, bucket: step.bucket }, key)),
  );
  const sources = step.keys.map((key) => showName(`s3://${step.bucket}/${key}`)).join(", ");
  return `would download ${sources} to ${showName(step.folder)}: ${show(sum(amounts))}`;
}

type Where = { readonly profileId: Profile["id"]; readonly bucket: string };

async function measureKey(client: Client, where: Where, key: string): Promise<Amount> {
  if (key === "" || key.endsWith("/")) {
    const found = await client.call("library.measure", { ...where, prefixes: [key] });
    return { files: found.objectCount, sizeBytes: found.sizeBytes, isCut: found.isCut };
  }
  const page = await client.call("library.list", { ...where, prefix: key, cursor: null });
  const object = page.objects.find((each) => each.key === key);
  return { files: object === undefined ? 0 : 1, sizeBytes: object?.sizeBytes ?? 0, isCut: false };
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
