import type { HostEvent, ProfileView } from "#shared/contract.ts";
import type { Profile, ProfileId } from "#shared/profile.ts";
import type { Settings } from "#shared/settings.ts";
import type { EngineHost, PracticeStore } from "../engine-host.ts";
import type { StorePorts } from "../stores/open-store.ts";
import type { FileSource } from "../transfers/run-ports.ts";
import type { SlotLimits } from "../transfers/slots.ts";
import type { Wire } from "../wire/wire.ts";
import type { CredentialPorts } from "../profiles/credentials.ts";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toErrorInfo } from "#shared/errors.ts";
import { makeFolders } from "../disk/make-folders.ts";
import { statFile } from "../disk/stat-file.ts";
import { credentialsOf } from "../profiles/credentials.ts";
import { EndpointBook } from "../profiles/endpoint-book.ts";
import { KeyRing } from "../profiles/key-ring.ts";
import { LentProfiles } from "../profiles/lent-profiles.ts";
import { ProfileBook } from "../profiles/profile-book.ts";
import { SettingsBook } from "../profiles/settings-book.ts";
import type { Network } from "./network.ts";
import { openNetwork } from "./network.ts";
import { addSamplesOnce, isPracticeBucket, practiceProfile } from "./practice.ts";
import { SkewBook } from "./skew-book.ts";
import { StoreShelf } from "./store-shelf.ts";

/** Profiles, settings and the home's folders: what transfers stand on and people set up. */
export type Setup = {
  readonly profiles: ProfileBook;
  /** What other processes lend is used like a saved one, and listed nowhere. */
  readonly lent: LentProfiles;
  readonly settings: SettingsBook;
  readonly keys: KeyRing;
  readonly stores: StorePorts;
  readonly shelf: StoreShelf;
  readonly network: Network;
  /** Where what a browser page sends is kept. */
  readonly incomingFolder: string;
  nameOf(id: ProfileId): string;
  /** Never rejects: what is wrong with a profile is in its view. */
  profileViews(): Promise<ProfileView[]>;
  slotLimits(): SlotLimits;
  emptyFile(): Promise<FileSource>;
  prepareFolders(): Promise<void>;
  close(): Promise<void>;
};

/** @param ports `emit` is told of changed profiles and settings. */
export function openSetup(
  host: EngineHost,
  ports: { readonly wire: Wire; readonly emit: (event: HostEvent) => void },
): Setup {
  const { home } = host.info;
  const incomingFolder = join(home, "incoming");
  const profiles = new ProfileBook(host.document, host.secrets);
  const hide = (secret: string) => host.hide?.(secret);
  const lent = new LentProfiles({ saved: profiles, clock: host.clock, hide });
  const settings = new SettingsBook(host.document, host.info.userFolder);
  if (host.runs === "all" && profiles.isNew) profiles.saveFirst(practiceProfile(home));
  const practice = new PracticeStores(host);
  const keySources = { secrets: host.secrets, clock: host.clock, environment: process.env };
  const network = openNetwork(host, settings, {
    wire: ports.wire,
    onTuned: () => shelf.forgetAll(),
  });
  const keys = openKeys(lent, keySources);
  const skews = new SkewBook();
  const onSkew = (profile: Profile, aheadMs: number) => {
    host.log("warn", skews.note(profile, aheadMs));
    tellProfiles();
  };
  const stores = storePorts(host, { keys, practice, profiles, network, onSkew });
  const shelf = new StoreShelf({
    stores,
    connections: () => network.tuning().connections,
    findProfile: (id) => lent.find(id),
    onForgotten: (id) => [keys, skews].map((book) => book.forget(id)),
    onOpened: async ({ profile, bucket, store }, signal) => {
      const place = { wire: ports.wire, home, folder: incomingFolder };
      if (isPracticeBucket(profile, bucket)) await addSamplesOnce(store, place, signal);
    },
  });
  const profileViews = () =>
    Promise.all(profiles.list().map((profile) => toView(profile, keySources, skews)));
  let told = Promise.resolve();
  const tellProfiles = () => {
    // One after the other, so that the last one told is the last one true.
    told = told.then(async () => ports.emit({ type: "profiles", profiles: await profileViews() }));
  };
  profiles.onChange(tellProfiles);
  settings.onChange((changed) => ports.emit({ type: "settings", settings: changed }));
  return {
    profiles,
    lent,
    settings,
    keys,
    stores,
    shelf,
    incomingFolder,
    network,
    nameOf: (id) => lent.find(id)?.name ?? id,
    profileViews,
    slotLimits: () => toSlotLimits(settings.get()),
    emptyFile: async () => await emptyFileIn(home),
    prepareFolders: async () => void (await makeFolders(incomingFolder, 0o700)),
    close: async () => await practice.stop(),
  };
}

function storePorts(
  { clock, document }: EngineHost,
  {
    keys,
    practice,
    profiles,
    network,
    onSkew,
  }: Pick<Setup, "keys" | "profiles" | "network"> & {
    readonly practice: PracticeStores;
    readonly onSkew: (profile: Profile, aheadMs: number) => void;
  },
): StorePorts {
  return {
    credentials: (profile) => keys.of(profile),
    practice: (folder) => practice.start(folder),
    clock,
    onSkew,
    onPartCap: ({ id }, maxParts) => profiles.learn(id, { maxParts }),
    endpoints: new EndpointBook(document),
    routeTo: async (origin, trust) => await network.routes.to(origin, trust),
    connectTimeoutMs: () => network.tuning().connectTimeoutMs,
  };
}

async function emptyFileIn(home: string): Promise<FileSource> {
  const path = join(home, "empty");
  // Not written again for nothing: an upload that reads it would find it changed.
  await writeFile(path, "", { flag: "a", mode: 0o600 });
  const facts = await statFile(path);
  if (facts.sizeBytes === 0) return { path, ...facts };
  await writeFile(path, "");
  return { path, ...(await statFile(path)) };
}

function openKeys(lent: LentProfiles, keySources: CredentialPorts): KeyRing {
  return new KeyRing(
    (profile) => lent.credentials(profile.id) ?? credentialsOf(profile, keySources),
  );
}

function toSlotLimits({ maxUploads, maxDownloads }: Settings): SlotLimits {
  return { upload: maxUploads, download: maxDownloads };
}

/** A keychain that takes longer is as good as locked. */
const SECRET_DEADLINE_MS = 10_000;

/** What is known against a profile without asking anybody but this host. */
async function toView(
  profile: Profile,
  keySources: CredentialPorts,
  skews: SkewBook,
): Promise<ProfileView> {
  const view = { profile, problem: null, ...skews.of(profile.id) };
  if (profile.credentials.kind !== "stored") return view;
  try {
    await credentialsOf(profile, keySources).get(AbortSignal.timeout(SECRET_DEADLINE_MS));
    return view;
  } catch (error) {
    return { ...view, problem: toErrorInfo(error) };
  }
}

/** The embedded stores that run, each started when it is first needed. */
class PracticeStores {
  readonly #host: EngineHost;
  readonly #running = new Map<string, Promise<PracticeStore>>();

  constructor(host: EngineHost) {
    this.#host = host;
  }

  async start(folder: string) {
    let starting = this.#running.get(folder);
    if (!starting) {
      starting = this.#host.startPractice(folder);
      this.#running.set(folder, starting);
      starting.catch(() => this.#running.delete(folder));
    }
    const { endpoint, accessKeyId, secretAccessKey } = await starting;
    const credentials = { accessKeyId, secretAccessKey, sessionToken: null, expiresAtMs: null };
    return { endpoint, region: "us-east-1", credentials };
  }

  async stop(): Promise<void> {
    const running = await Promise.allSettled(this.#running.values());
    const stops = running.map(async (one) => {
      if (one.status === "fulfilled") await one.value.stop();
    });
    await Promise.all(stops);
  }
}
