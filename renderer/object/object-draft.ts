import type { Encryption } from "#shared/object-options.ts";
import { BucketAccess, ObjectOptions } from "#shared/object-options.ts";

/** Options of objects as they are typed. Empty and null say nothing: what is below them holds. */
export type ObjectDraft = {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly storageClass: string;
  readonly encryption: Encryption["kind"] | "";
  /** Empty is the account's own key. */
  readonly kmsKeyId: string;
  /** `name=value`, one a line. */
  readonly metadata: string;
  readonly tags: string;
  readonly expectedBucketOwner: string;
  readonly preserveMode: boolean | null;
  readonly requesterPays: boolean | null;
};

export const EMPTY_OBJECT_DRAFT: ObjectDraft = {
  contentType: "",
  cacheControl: "",
  storageClass: "",
  encryption: "",
  kmsKeyId: "",
  metadata: "",
  tags: "",
  expectedBucketOwner: "",
  preserveMode: null,
  requesterPays: null,
};

export type ObjectChoice = {
  readonly object?: ObjectOptions | undefined;
  readonly access?: BucketAccess | undefined;
};

type Field = keyof ObjectDraft;
export type ObjectProblems = Readonly<Partial<Record<Field, string>>>;

export type ReadObject =
  | { readonly ok: true; readonly choice: ObjectChoice }
  | { readonly ok: false; readonly problems: ObjectProblems };

/** As it is kept, to be changed. */
export function objectDraftOf({ object = {}, access = {} }: ObjectChoice): ObjectDraft {
  return {
    contentType: written(object.contentType),
    cacheControl: written(object.cacheControl),
    storageClass: written(object.storageClass),
    ...encryptionDraft(object.encryption),
    metadata: writePairs(object.metadata),
    tags: writePairs(object.tags),
    expectedBucketOwner: written(access.expectedBucketOwner),
    preserveMode: object.preserveMode ?? null,
    requesterPays: access.requesterPays ?? null,
  };
}

function written(text: string | undefined): string {
  return text ?? "";
}

function encryptionDraft(
  encryption: Encryption | undefined,
): Pick<ObjectDraft, "encryption" | "kmsKeyId"> {
  if (encryption === undefined) return { encryption: "", kmsKeyId: "" };
  const kmsKeyId = encryption.kind === "kms" ? (encryption.keyId ?? "") : "";
  return { encryption: encryption.kind, kmsKeyId };
}

/** What was typed, or what is wrong with it, by field. Undefined where nothing was said. */
export function readObjectDraft(draft: ObjectDraft): ReadObject {
  const metadata = readPairs(draft.metadata.toLowerCase(), draft.metadata);
  const tags = readPairs(draft.tags, draft.tags);
  const object = ObjectOptions.safeParse(
    saidOf({
      contentType: draft.contentType.trim(),
      cacheControl: draft.cacheControl.trim(),
      storageClass: draft.storageClass.trim(),
      encryption: readEncryption(draft),
      metadata: metadata === "unreadable" ? null : metadata,
      tags: tags === "unreadable" ? null : tags,
      preserveMode: draft.preserveMode,
    }),
  );
  const access = BucketAccess.safeParse(
    saidOf({
      expectedBucketOwner: draft.expectedBucketOwner.trim(),
      requesterPays: draft.requesterPays,
    }),
  );
  if (object.success && access.success && metadata !== "unreadable" && tags !== "unreadable") {
    return {
      ok: true,
      choice: { object: unlessEmpty(object.data), access: unlessEmpty(access.data) },
    };
  }
  const issues = [object, access].flatMap(({ error }) => error?.issues ?? []);
  const fields = issues.map(({ path }) => fieldOf(path));
  return {
    ok: false,
    problems: {
      ...Object.fromEntries(fields.map((field) => [field, WORDS[field]])),
      ...(metadata === "unreadable" && { metadata: PAIR_WORDS }),
      ...(tags === "unreadable" && { tags: PAIR_WORDS }),
    },
  };
}

/** Without what is empty or null. */
function saidOf(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== "" && value !== null),
  );
}

const PAIR_WORDS = "One pair a line, written name=value, each name once.";

const WORDS: Readonly<Record<Field, string>> = {
  contentType: "Letters, digits and signs, such as text/plain; no spaces at its ends.",
  cacheControl: "Letters, digits and signs, such as max-age=3600; no spaces at its ends.",
  storageClass: "In capitals, such as STANDARD_IA.",
  encryption: "It cannot be asked for so.",
  kmsKeyId: "The key's id or ARN, without spaces at its ends.",
  metadata:
    "Names of small letters, digits and - _ . and plain letters as values; together 2 KB at most.",
  tags: "Ten tags at most, names up to 128 and values up to 256 letters.",
  expectedBucketOwner: "The 12 digits of an account.",
  preserveMode: "",
  requesterPays: "",
};

function fieldOf([first = "", second]: readonly PropertyKey[]): Field {
  if (first === "encryption") return second === "keyId" ? "kmsKeyId" : "encryption";
  return isField(first) ? first : "metadata";
}

function isField(name: PropertyKey): name is Field {
  return Object.hasOwn(EMPTY_OBJECT_DRAFT, name);
}

function readEncryption({ encryption, kmsKeyId }: ObjectDraft): object | null {
  if (encryption === "") return null;
  if (encryption !== "kms") return { kind: encryption };
  return { kind: "kms", keyId: kmsKeyId.trim() === "" ? null : kmsKeyId.trim() };
}

/**
 * Pairs by line; null without any. Names are taken from `names`,
 * which has the same letters but for their size.
 */
function readPairs(names: string, values: string): Record<string, string> | null | "unreadable" {
  const pairs: Record<string, string> = {};
  const valueLines = values.split("\n");
  for (const [index, nameLine] of names.split("\n").entries()) {
    const line = valueLines[index] ?? "";
    if (line.trim() === "") continue;
    const name = nameLine.slice(0, Math.max(0, line.indexOf("="))).trim();
    if (name === "" || Object.hasOwn(pairs, name)) return "unreadable";
    pairs[name] = line.slice(line.indexOf("=") + 1).trim();
  }
  return Object.keys(pairs).length === 0 ? null : pairs;
}

function writePairs(pairs: Readonly<Record<string, string>> = {}): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}

function unlessEmpty<T extends object>(given: T): T | undefined {
  return Object.keys(given).length === 0 ? undefined : given;
}

/** What is set, in a few words: `STANDARD_IA, 2 tags`; empty for nothing. */
export function choiceWords({ object = {}, access = {} }: ObjectChoice): string {
  const { encryption, expectedBucketOwner } = { ...object, ...access };
  return [
    written(object.contentType),
    written(object.cacheControl),
    written(object.storageClass),
    encryption === undefined || encryption.kind === "none" ? "" : ENCRYPTION_WORDS[encryption.kind],
    counted(object.metadata, "of metadata", "of metadata"),
    counted(object.tags, "tag", "tags"),
    object.preserveMode === true ? "permissions" : "",
    expectedBucketOwner === undefined ? "" : `owner ${expectedBucketOwner}`,
    access.requesterPays === true ? "requester pays" : "",
  ]
    .filter((words) => words !== "")
    .join(", ");
}

function counted(pairs: object | undefined, one: string, many: string): string {
  const count = Object.keys(pairs ?? {}).length;
  return count === 0 ? "" : `${count} ${count === 1 ? one : many}`;
}

export const ENCRYPTION_WORDS: Readonly<Record<Encryption["kind"], string>> = {
  none: "not asked for",
  s3: "keys of S3",
  kms: "a KMS key",
};
