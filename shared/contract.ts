import { z } from "zod";
import { cacheCalls, CacheEvent } from "./cache.ts";
import { ErrorInfo } from "./errors.ts";
import { Described, DescribeQuery, ModelPage, ModelsQuery } from "./library-models.ts";
import { FollowId, FollowRequest, FollowView } from "./follow.ts";
import { Profile, ProfileId, ProfileSecret, ProfileTestStepName } from "./profile.ts";
import { Limits, Pace, Rate, Settings } from "./settings.ts";
import { ConflictAnswer, ItemView, ItemPhase } from "./transfer.ts";
import { TransferDetail, TransferId, TransferView } from "./transfer.ts";
import {
  DownloadRequest,
  DroppedFile,
  DropRequest,
  DropTicket,
  KeptFolders,
} from "./transfer-request.ts";
import { LocalRef, UploadRequest } from "./transfer-request.ts";
import { HereState, ListedObject, MOST_ASKED } from "./library-here.ts";
import { UnfinishedTransfer } from "./unfinished.ts";
import { PaceMode } from "./week.ts";

export const ProfileView = z.strictObject({
  profile: Profile,
  /** Why it cannot be used now; null when nothing is known against it. */
  problem: ErrorInfo.nullable(),
  /** Seconds by which this machine's clock is ahead of the endpoint's, where it is more than 5 min off. */
  clockAheadSeconds: z.number().optional(),
});
export type ProfileView = z.infer<typeof ProfileView>;

export const ProfileTestStep = z.strictObject({
  step: ProfileTestStepName,
  outcome: z.enum(["passed", "failed", "skipped"]),
  /** What was seen: `answered in 12 ms`, `3 buckets`. */
  found: z.string(),
  error: ErrorInfo.nullable(),
  tookMs: z.number().nonnegative(),
});
export type ProfileTestStep = z.infer<typeof ProfileTestStep>;

export const LibraryObject = z.strictObject({
  key: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** Wall clock, milliseconds. */
  modifiedAtMs: z.number(),
  etag: z.string(),
});
export type LibraryObject = z.infer<typeof LibraryObject>;

export const LibraryVersion = z.strictObject({
  ...LibraryObject.shape,
  /** Null where the bucket keeps no versions. */
  versionId: z.string().nullable(),
  isLatest: z.boolean(),
  /** It marks that the object was deleted then; there are no bytes of it. */
  isDeletion: z.boolean(),
});
export type LibraryVersion = z.infer<typeof LibraryVersion>;

export const LibraryPage = z.strictObject({
  /** Whole prefixes, ending in `/`. */
  prefixes: z.array(z.string()),
  objects: z.array(LibraryObject),
  /** Hand it back for the next page; null on the last. */
  cursor: z.string().nullable(),
});
export type LibraryPage = z.infer<typeof LibraryPage>;

export const FolderEntry = z.strictObject({
  name: z.string(),
  path: z.string(),
  kind: z.enum(["folder", "file"]),
  /** Bytes; 0 for a folder. */
  sizeBytes: z.int().nonnegative(),
  modifiedAtMs: z.number(),
});
export type FolderEntry = z.infer<typeof FolderEntry>;

export const FolderPage = z.strictObject({
  path: z.string(),
  /** Null where the host lets nobody go further up. */
  parent: z.string().nullable(),
  entries: z.array(FolderEntry).max(5000),
  /** There were more than the page holds. */
  isCut: z.boolean(),
});
export type FolderPage = z.infer<typeof FolderPage>;

export const HostInfo = z.strictObject({
  kind: z.enum(["desktop", "web"]),
  version: z.string(),
  platform: z.string(),
  home: z.string(),
  /** The folders the page may browse; the first is where it starts. */
  roots: z.array(z.string()),
  /** `/` or `\`. */
  pathSeparator: z.string(),
  /** The person's home folder, shown as `~`. */
  userFolder: z.string(),
  canShowInFolder: z.boolean(),
  /** The host opens the system's own dialogs. */
  canPick: z.boolean(),
});
export type HostInfo = z.infer<typeof HostInfo>;

export const Picked = z.strictObject({
  ref: LocalRef,
  path: z.string(),
  kind: z.enum(["folder", "file"]),
});
export type Picked = z.infer<typeof Picked>;

const OneTransfer = z.strictObject({ id: TransferId });
const Started = z.strictObject({
  id: TransferId,
  /** It is an unfinished transfer of the same source and destination that goes on. */
  isContinued: z.boolean(),
});

/**
 * Every call a host offers, by name: `noun.verb`.
 * Both ends parse: the host does not trust a window, nor a window an older host.
 */
const calls = {
  "host.info": { input: z.null(), output: HostInfo },
  /** Opens the system's dialog. Fails with `unsupported` where `canPick` is false. Empty: dismissed. */
  "host.pick": {
    input: z.strictObject({ kind: z.enum(["folder", "files"]), title: z.string() }),
    output: z.array(Picked),
  },
  /** Shows a finished transfer's file or folder in the system's file browser. */
  "host.showInFolder": { input: OneTransfer, output: z.null() },
  /** The same for a copy in the cache. Fails with `invalid` for a file that is none. */
  "host.showCopy": { input: z.strictObject({ path: z.string() }), output: z.null() },

  /** Shows the newest log in the system's file browser; needs `canShowInFolder`. */
  "host.openLogs": { input: z.null(), output: z.null() },
  /** What helps somebody who helps, as JSON: no secret is in it. */
  "host.diagnostics": {
    input: z.null(),
    output: z.strictObject({ fileName: z.string(), text: z.string() }),
  },
  /** The same, kept where the system's dialog says; needs `canPick`. Null: dismissed. */
  "host.saveDiagnostics": { input: z.null(), output: z.string().nullable() },

  /** Everything that is not cleared away, in queue order. */
  "transfer.list": { input: z.null(), output: z.array(TransferView) },
  "transfer.upload": { input: UploadRequest, output: Started },
  "transfer.download": { input: DownloadRequest, output: Started },
  /** Queues an upload of files that a browser page holds; its items come by `drop.add`. */
  "transfer.drop": { input: DropRequest, output: OneTransfer },
  /** Stops moving and keeps what was moved. A settled transfer is left as it is, as in all that follow. */
  "transfer.pause": { input: OneTransfer, output: z.null() },
  /** Goes on, at once if a slot is free; also "Start now" and "Retry now". */
  "transfer.resume": { input: OneTransfer, output: z.null() },
  /** `keepParts`: what was moved stays for a later transfer of the same; else it is removed. */
  "transfer.cancel": {
    input: z.strictObject({ id: TransferId, keepParts: z.boolean() }),
    output: z.null(),
  },
  /** Tries what failed again; done items stay done. */
  "transfer.retry": { input: OneTransfer, output: z.null() },
  "transfer.move": {
    input: z.strictObject({ id: TransferId, to: z.enum(["top", "up", "down", "bottom"]) }),
    output: z.null(),
  },
  /** At most this fast, beside the limits of all; null is no cap of its own. */
  "transfer.cap": {
    input: z.strictObject({ id: TransferId, bytesPerSecond: Rate }),
    output: z.null(),
  },
  /** Answers the conflicts that wait; `forAll` also those that are still to come. */
  "transfer.answer": {
    input: z.strictObject({ id: TransferId, answer: ConflictAnswer, forAll: z.boolean() }),
    output: z.null(),
  },
  /** Takes a settled transfer off the list. Touches no file and no object. */
  "transfer.clear": { input: z.strictObject({ ids: z.array(TransferId) }), output: z.null() },
  "transfer.pauseAll": { input: z.null(), output: z.null() },
  "transfer.resumeAll": { input: z.null(), output: z.null() },
  "transfer.items": {
    input: z.strictObject({
      id: TransferId,
      offset: z.int().nonnegative(),
      limit: z.int().min(1).max(500),
      /** Only these phases; empty is all. */
      phases: z.array(ItemPhase),
    }),
    output: z.strictObject({ items: z.array(ItemView), total: z.int().nonnegative() }),
  },
  "transfer.detail": { input: OneTransfer, output: TransferDetail },
  /** What transfers that are not under way have left here and at stores, also those off the list. */
  "transfer.unfinished": { input: z.null(), output: z.array(UnfinishedTransfer) },

  /** Unfinished arrivals with the same name, size and time, by index into `files`; they go on at the offset. */
  "drop.match": {
    input: z.strictObject({ files: z.array(DroppedFile).max(500) }),
    output: z.array(
      z.strictObject({ index: z.int().nonnegative(), id: TransferId, ticket: DropTicket }),
    ),
  },
  /** Adds files to a `transfer.drop`; the tickets are in the order of the files. */
  "drop.add": {
    input: z.strictObject({ id: TransferId, files: z.array(DroppedFile).min(1).max(500) }),
    output: z.array(DropTicket),
  },
  /** No more files will be added. */
  "drop.close": { input: OneTransfer, output: z.null() },
  /** These do not come: they changed since the drop, or cannot be read any more. They fail. */
  "drop.leave": {
    input: z.strictObject({ tickets: z.array(z.string()).max(500) }),
    output: z.null(),
  },

  /** Folders that are kept as objects and prefixes are, by `serve` and the window. */
  "follow.list": { input: z.null(), output: z.array(FollowView) },
  /** Adds, or changes the one of the same source and folder. It runs at once, and then on its interval. */
  "follow.set": { input: FollowRequest, output: z.strictObject({ id: FollowId }) },
  /** The files stay as they are. */
  "follow.remove": { input: z.strictObject({ id: FollowId }), output: z.null() },

  "profile.list": { input: z.null(), output: z.array(ProfileView) },
  /** Adds, or replaces the one of the same id. Without a secret the kept one stays, unless the endpoint changed. */
  "profile.save": {
    input: z.strictObject({ profile: Profile, secret: ProfileSecret.nullable() }),
    output: z.null(),
  },
  /** Fails with `invalid` while unfinished transfers use it. */
  "profile.remove": { input: z.strictObject({ id: ProfileId }), output: z.null() },
  /** Tries a profile that need not be saved yet; a missing secret is taken from the saved one. */
  "profile.test": {
    input: z.strictObject({
      profile: Profile,
      secret: ProfileSecret.nullable(),
      /** Also writes and deletes one small object. */
      tryWrite: z.boolean(),
    }),
    output: z.array(ProfileTestStep),
  },
  /** Names of the profiles in `~/.aws`. */
  "profile.awsNames": { input: z.null(), output: z.array(z.string()) },

  "library.buckets": {
    input: z.strictObject({ profileId: ProfileId }),
    output: z.array(z.string()),
  },
  "library.list": {
    input: z.strictObject({
      profileId: ProfileId,
      bucket: z.string().min(1),
      prefix: z.string(),
      /** All that is under it, without prefixes; else one level of it. */
      isDeep: z.boolean().default(false),
      cursor: z.string().nullable(),
    }),
    output: LibraryPage,
  },
  /** What was under a prefix or key at any time, by key, the newest first. */
  "library.versions": {
    input: z.strictObject({
      profileId: ProfileId,
      bucket: z.string().min(1),
      prefix: z.string(),
      /** Only what has exactly this key. */
      isKey: z.boolean(),
      cursor: z.string().nullable(),
    }),
    output: z.strictObject({
      versions: z.array(LibraryVersion),
      cursor: z.string().nullable(),
    }),
  },
  /** Counts what is under prefixes; stops after 200,000 objects or 20 s with `isCut`. */
  "library.measure": {
    input: z.strictObject({
      profileId: ProfileId,
      bucket: z.string().min(1),
      prefixes: z.array(z.string()).max(1000),
      /** Counted with them; nobody is asked for these. */
      objects: z.array(ListedObject).max(MOST_ASKED).default([]),
      /** As a download of the objects would say. */
      keptFolders: KeptFolders.optional(),
      /** Where a download would put them; null: what is there already is not looked for. */
      folder: LocalRef.nullable().default(null),
    }),
    output: z.strictObject({
      objectCount: z.int().nonnegative(),
      sizeBytes: z.int().nonnegative(),
      /** Of these, what is in the folder and valid, so that a download would not move it. */
      hereCount: z.int().nonnegative(),
      hereBytes: z.int().nonnegative(),
      isCut: z.boolean(),
    }),
  },
  /** What is here of objects, in their order. */
  "library.here": {
    input: z.strictObject({
      profileId: ProfileId,
      bucket: z.string().min(1),
      objects: z.array(ListedObject).max(MOST_ASKED),
    }),
    output: z.array(HereState),
  },
  /** The models below a prefix, found by a bounded number of listings; go on with the cursor. */
  "library.models": { input: ModelsQuery, output: ModelPage },
  /** What the heads of model files say, by ranged reads: at most 64 KiB for each variant. */
  "library.describe": { input: DescribeQuery, output: Described },

  /** Folders first, each in name order. Null is where browsing starts. */
  "folder.list": { input: z.strictObject({ path: z.string().nullable() }), output: FolderPage },
  "folder.make": {
    input: z.strictObject({ parent: z.string(), name: z.string().min(1).max(255) }),
    output: FolderEntry,
  },
  /** Of the file system that holds `path`, or its nearest parent that exists. */
  "folder.space": {
    input: z.strictObject({ folder: LocalRef }),
    output: z.strictObject({
      path: z.string(),
      /** Free for this user. */
      freeBytes: z.int().nonnegative(),
      /** Of those, promised to running transfers or kept free. */
      reservedBytes: z.int().nonnegative(),
    }),
  },
  /** Counts files and bytes below local sources; stops after 200,000 entries or 10 s with `isCut`. */
  "folder.measure": {
    input: z.strictObject({ sources: z.array(LocalRef).min(1).max(10_000) }),
    output: z.strictObject({
      files: z.int().nonnegative(),
      folders: z.int().nonnegative(),
      sizeBytes: z.int().nonnegative(),
      isCut: z.boolean(),
    }),
  },

  ...cacheCalls,

  "settings.get": { input: z.null(), output: Settings },
  /** Changes what is given, at once. */
  "settings.set": { input: Settings.partial(), output: z.null() },
  /** Of the manual proxy's user; goes in and never comes out. Null forgets it. */
  "settings.proxyPassword": {
    input: z.strictObject({ password: z.string().min(1).max(1024).nullable() }),
    output: z.null(),
  },
  "limit.set": { input: Limits, output: z.null() },
  "limit.now": { input: z.null(), output: Pace },
  /** Holds until the week's next change; null follows the week again. Fails with `invalid` without a week. */
  "limit.override": { input: z.strictObject({ mode: PaceMode.nullable() }), output: z.null() },
};

export type CallName = keyof typeof calls;
type Shapes = {
  [N in CallName]: {
    input: z.infer<(typeof calls)[N]["input"]>;
    /** As a caller may write it, with defaults left out. */
    request: z.input<(typeof calls)[N]["input"]>;
    output: z.infer<(typeof calls)[N]["output"]>;
  };
};
export type CallInput<N extends CallName> = Shapes[N]["input"];
export type CallRequest<N extends CallName> = Shapes[N]["request"];
export type CallOutput<N extends CallName> = Shapes[N]["output"];

/** The schemas again, typed per name so that code generic over a name needs no cast. */
export const callSchemas: {
  readonly [N in CallName]: {
    readonly input: z.ZodType<CallInput<N>, CallRequest<N>>;
    readonly output: z.ZodType<CallOutput<N>>;
  };
} = calls;

export function isCallName(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}

/** What a host implements: one function per call, given input already parsed. */
export type CallHandlers = {
  readonly [N in CallName]: (input: CallInput<N>) => Promise<CallOutput<N>>;
};

/** What a host announces. At most four times a second; a window that missed some asks again. */
export const HostEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("transfers"),
    /** New or changed. */
    changed: z.array(TransferView),
    removed: z.array(TransferId),
  }),
  /** Some items of these transfers changed; ask for the page on screen again. */
  z.strictObject({ type: z.literal("items"), ids: z.array(TransferId) }),
  z.strictObject({ type: z.literal("profiles"), profiles: z.array(ProfileView) }),
  z.strictObject({ type: z.literal("settings"), settings: Settings }),
  z.strictObject({ type: z.literal("pace"), pace: Pace }),
  CacheEvent,
  z.strictObject({
    type: z.literal("status"),
    downBytesPerSecond: z.number().nonnegative(),
    upBytesPerSecond: z.number().nonnegative(),
    /** Of the download folder's file system. */
    freeBytes: z.int().nonnegative().nullable(),
    /** Why the list of transfers cannot be written; null: it can. */
    homeTrouble: ErrorInfo.nullable().default(null),
  }),
]);
export type HostEvent = z.infer<typeof HostEvent>;
