import type { CallName } from "./contract.ts";

/**
 * What "Copy as command" copies, and the call that the action beside it makes. The window's tests say
 * that it copies these lines; those of the command line, that the lines do what the calls do.
 */
export type CopiedCommand = {
  readonly line: string;
  readonly call: CallName;
  readonly input: Readonly<Record<string, unknown>>;
};

const ENTRY = { path: "/cache/it's", origin: "https://s3.example/company-models", key: "it's" };
const ENTRIES = { ids: [ENTRY] };
const WORD = String.raw`'/cache/it'\''s'`;

export const CACHE_COMMANDS = {
  pin: {
    line: `longhaul cache pin ${WORD}`,
    call: "cache.pin",
    input: { ...ENTRIES, isPinned: true },
  },
  unpin: {
    line: `longhaul cache unpin ${WORD}`,
    call: "cache.pin",
    input: { ...ENTRIES, isPinned: false },
  },
  verify: { line: `longhaul cache verify ${WORD}`, call: "cache.verify", input: ENTRIES },
  repair: { line: `longhaul cache repair ${WORD}`, call: "cache.repair", input: ENTRIES },
  forget: { line: `longhaul cache forget ${WORD}`, call: "cache.forget", input: ENTRIES },
  "verify all": { line: "longhaul cache verify", call: "cache.verify", input: { ids: null } },
  "repair all": { line: "longhaul cache repair", call: "cache.repair", input: { ids: null } },
  "free up": {
    line: "longhaul cache prune --free 10200000001B --folder '/mnt/my cache'",
    call: "cache.free",
    input: { freeBytes: 10_200_000_001, folder: "/mnt/my cache" },
  },
  limits: {
    line: "longhaul cache set-folder '/mnt/my cache' --quota 50GB --keep-free 2GB",
    call: "cache.setFolder",
    input: { path: "/mnt/my cache", quotaBytes: 50e9, keepFreeBytes: 2e9 },
  },
  "no quota": {
    line: "longhaul cache set-folder /mnt/x --quota off --keep-free 2GB",
    call: "cache.setFolder",
    input: { path: "/mnt/x", quotaBytes: null, keepFreeBytes: 2e9 },
  },
  "remove folder": {
    line: "longhaul cache remove-folder /mnt/x",
    call: "cache.removeFolder",
    input: { path: "/mnt/x" },
  },
} as const satisfies Readonly<Record<string, CopiedCommand>>;

/** Where local paths are; a test of a real disk has another. */
export const HOME = "/home/mira";

/** Of transfers. */
export const MOVE_COMMANDS = {
  "get an object": download("s3://b/m/a.gguf ~/Models/", ["m/a.gguf"]),
  "get a folder": download("s3://b/m/tree/ ~/Models/tree/", ["m/tree/"]),
  "get the contents of a folder": download("s3://b/m/tree/ ~/Models/", ["m/tree/"], {
    contentsOnly: true,
  }),
  "get the files of a variant": download(
    "s3://b/m/ ~/Models/m/ --include '/a\\[1\\].gguf' --include /config.json",
    ["m/a[1].gguf", "m/config.json"],
    { keptFolders: ["m/"] },
  ),
  "send a file": upload("~/one.bin s3://b/p/one.bin", "one.bin"),
  "send a file under another name": upload("~/one.bin s3://b/p/two.bin", "one.bin", {
    rename: "two.bin",
  }),
  "send a folder": upload("~/tree s3://b/p/tree/", "tree"),
  "send a folder with one file": upload("~/tree s3://b/p/tree", "tree"),
  "send the contents of a folder": upload("~/tree s3://b/p/", "tree", { contentsOnly: true }),
} as const satisfies Readonly<Record<string, CopiedCommand>>;

/** Of the upload sheet, with all that can be said in it. */
export const UPLOAD_COMMANDS = {
  "a file": {
    line: lineOf("~/one.bin s3://b/p/"),
    call: "transfer.upload",
    input: sheet(["one.bin"], {}),
  },
  "a folder, and what to do where something is": {
    line: lineOf("~/tree s3://b/p/tree/ --on-conflict rename"),
    call: "transfer.upload",
    input: sheet(["tree"], { onConflict: "keep-both" }),
  },
  "a folder as an archive": {
    line: lineOf("--archive tar.gz ~/tree s3://b/p/ --on-conflict skip"),
    call: "transfer.upload",
    input: sheet(["tree"], { archive: "tar.gz", onConflict: "skip" }),
  },
  "several, with options": {
    line: lineOf(
      "~/one.bin ~/tree s3://b/p/ --content-type text/plain --cache-control no-cache" +
        " --metadata 'team=it'\\''s ours' --tag kind=model --tag stage= --storage-class STANDARD_IA" +
        " --sse kms:a-key --preserve-mode --expected-bucket-owner 123456789012 --requester-pays",
    ),
    call: "transfer.upload",
    input: sheet(["one.bin", "tree"], {
      object: {
        contentType: "text/plain",
        cacheControl: "no-cache",
        metadata: { team: "it's ours" },
        tags: { kind: "model", stage: "" },
        storageClass: "STANDARD_IA",
        encryption: { kind: "kms", keyId: "a-key" },
        preserveMode: true,
      },
      access: { expectedBucketOwner: "123456789012", requesterPays: true },
    }),
  },
} as const satisfies Readonly<Record<string, CopiedCommand>>;

function sheet(names: readonly string[], given: object) {
  const destination = { profileId: "work", bucket: "b", prefix: "p/" };
  return { sources: names.map((name) => ({ path: `${HOME}/${name}` })), destination, ...given };
}

function download(words: string, keys: readonly string[], given: object = {}): CopiedCommand {
  const folder = { path: `${HOME}/Models` };
  const usual = { rename: null, contentsOnly: false };
  const input = { bucket: "b", keys, folder, ...usual, ...given };
  return { line: lineOf(words), call: "transfer.download", input };
}

function upload(words: string, name: string, given: object = {}): CopiedCommand {
  const destination = { profileId: "work", bucket: "b", prefix: "p/" };
  const usual = { rename: null, contentsOnly: false };
  const input = { sources: [{ path: `${HOME}/${name}` }], destination, ...usual, ...given };
  return { line: lineOf(words), call: "transfer.upload", input };
}

function lineOf(words: string): string {
  return `longhaul cp ${words.replaceAll("~", HOME)} --profile work`;
}
