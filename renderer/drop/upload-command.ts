import type { ConflictRule } from "#shared/transfer.ts";
import { shellWord } from "../common/shell-word.ts";
import type { ObjectChoice } from "../object/object-draft.ts";
import type { UploadPlan } from "./start-upload.ts";
import { pathOf, readPrefix } from "./upload-plan.ts";

/**
 * What a sheet would start, as one line of a shell; null for what only the page has, which no other
 * program can reach, and for a "no" to what the profile says, which has no flag.
 */
export function commandOfUpload(plan: UploadPlan, profileName: string): string | null {
  const { items, destination, archive, onConflict, choice } = plan;
  const paths = items.map(pathOf).filter((path) => path !== null);
  const [first, ...others] = items;
  const isSaid = choice.object?.preserveMode !== false && choice.access?.requesterPays !== false;
  if (first === undefined || paths.length < items.length || !isSaid) return null;
  const prefix = `s3://${destination.bucket}/${readPrefix(destination.prefix)}`;
  const isTree = others.length === 0 && first.kind === "folder" && archive === null;
  // A lone folder is copied by its contents, so its name is put to the destination.
  const target = isTree ? `${prefix}${first.name}/` : prefix;
  const packed = archive === null ? [] : ["--archive", archive];
  const said = [...conflictFlags(onConflict), ...objectFlags(choice)];
  const words = ["cp", ...packed, ...paths, target, ...said, "--profile", profileName];
  return ["longhaul", ...words].map(shellWord).join(" ");
}

function conflictFlags(rule: ConflictRule): readonly string[] {
  if (rule === "ask") return [];
  return ["--on-conflict", rule === "keep-both" ? "rename" : rule];
}

function objectFlags({ object = {}, access = {} }: ObjectChoice): readonly string[] {
  const { encryption } = object;
  const keyId = encryption?.kind === "kms" && encryption.keyId !== null ? encryption.keyId : null;
  const sse = keyId === null ? encryption?.kind : `kms:${keyId}`;
  return [
    ...flag("--content-type", object.contentType),
    ...flag("--cache-control", object.cacheControl),
    ...pairs("--metadata", object.metadata),
    ...pairs("--tag", object.tags),
    ...flag("--storage-class", object.storageClass),
    ...flag("--sse", sse),
    ...(object.preserveMode ? ["--preserve-mode"] : []),
    ...flag("--expected-bucket-owner", access.expectedBucketOwner),
    ...(access.requesterPays ? ["--requester-pays"] : []),
  ];
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}

function pairs(name: string, given: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(given).flatMap(([key, value]) => [name, `${key}=${value}`]);
}
