import type { BucketAccess } from "#shared/object-options.ts";
import type { Profile, ProfileId } from "#shared/profile.ts";
import type { Store } from "../stores/store.ts";
import type { StorePorts } from "../stores/open-store.ts";
import type { EndpointSlots, OpenedStore } from "../transfers/run-ports.ts";
import { originOf } from "../stores/origin.ts";
import { LonghaulError } from "#shared/errors.ts";
import { acquireBoth } from "../flow/acquire-both.ts";
import { AdaptiveSlots } from "../flow/adaptive-slots.ts";
import { orAbort } from "../flow/or-abort.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { listBucketsOf, openStore } from "../stores/open-store.ts";

type Shelved = {
  readonly profile: Profile;
  readonly slots: EndpointSlots;
  readonly stores: Map<string, Promise<OpenedStore>>;
};

type ShelfPorts = {
  readonly stores: StorePorts;
  /** Most sockets to one endpoint. */
  readonly connections: () => number;
  readonly findProfile: (id: ProfileId) => Profile | undefined;
  /** Told of every bucket that is opened, before anything else is asked of it. */
  readonly onOpened: (opened: JustOpened, signal: AbortSignal) => Promise<void>;
  /** Told when a profile changed or went. */
  readonly onForgotten?: (id: ProfileId) => unknown;
};

type JustOpened = { readonly profile: Profile; readonly bucket: string; readonly store: Store };

/** How long opening may take: the practice store has to start. */
const OPEN_DEADLINE_MS = 60_000;

/** Keeps what is open: slots for each profile and each endpoint, one store for each bucket. */
export class StoreShelf {
  readonly #ports: ShelfPorts;
  readonly #shelved = new Map<ProfileId, Shelved>();
  /** What an endpoint taught outlives a change of the profile. */
  readonly #endpoints = new Map<string, AdaptiveSlots>();
  /** Whatever was opened and is still in use, also by runs that began before it was forgotten. */
  #used: ReadonlySet<WeakRef<Store>> = new Set();

  constructor(ports: ShelfPorts) {
    this.#ports = ports;
  }

  /**
   * @param access What a transfer says beside its profile.
   * @throws {LonghaulError} `profile-missing`, `invalid`, `unreachable`; AbortError
   */
  async open(
    id: ProfileId,
    bucket: string,
    signal: AbortSignal,
    access: BucketAccess = {},
  ): Promise<OpenedStore> {
    signal.throwIfAborted();
    const { profile, slots, stores } = this.#shelve(id);
    const place = `${bucket} ${JSON.stringify(access)}`;
    const known = stores.get(place);
    if (known) return await orAbort(known, signal);
    const accessing = { ...profile, access: { ...profile.access, ...access } };
    const opening = this.#openStore(accessing, bucket, slots);
    stores.set(place, opening);
    opening.catch(() => stores.delete(place));
    return await orAbort(opening, signal);
  }

  /** The sockets of all that is open may be dead without a word; as `Store.renew`. */
  renew(addresses: readonly string[] | null): void {
    for (const store of this.#inUse()) store.renew?.(addresses);
  }

  /** The buckets a profile may choose from. */
  async buckets(id: ProfileId, signal: AbortSignal): Promise<readonly string[]> {
    return await listBucketsOf(this.#shelve(id).profile, this.#ports.stores, signal);
  }

  /** The profile changed or went: what is open of it is opened anew when it is next needed. */
  forget(id: ProfileId): void {
    this.#shelved.delete(id);
    this.#ports.onForgotten?.(id);
  }

  /** What holds for all of them changed. */
  forgetAll(): void {
    this.#shelved.clear();
  }

  #shelve(id: ProfileId): Shelved {
    const known = this.#shelved.get(id);
    if (known) return known;
    const profile = this.#ports.findProfile(id);
    if (!profile) throw noProfile(id);
    const shelved = { profile, slots: this.#slotsOf(profile), stores: new Map() };
    this.#shelved.set(id, shelved);
    return shelved;
  }

  /** A profile's own bound, inside what its endpoint takes from all of them at the moment. */
  #slotsOf(profile: Profile): EndpointSlots {
    const name = endpointOf(profile);
    const others = [...this.#shelved.values()].filter((one) => endpointOf(one.profile) === name);
    const all = [profile, ...others.map((one) => one.profile)];
    const ceiling = Math.max(...all.map((one) => this.#connectionsOf(one)));
    const shared =
      this.#endpoints.get(name) ?? new AdaptiveSlots(ceiling, this.#ports.stores.clock);
    this.#endpoints.set(name, shared);
    shared.setCeiling(ceiling);
    const own = new Semaphore(this.#connectionsOf(profile));
    return {
      acquire: async (signal, holder) =>
        await acquireBoth(
          () => own.acquire(signal, holder),
          () => shared.acquire(signal, holder),
        ),
      heed: async (request) => await shared.heed(request),
    };
  }

  async #openStore(profile: Profile, bucket: string, slots: EndpointSlots): Promise<OpenedStore> {
    const signal = AbortSignal.timeout(OPEN_DEADLINE_MS);
    try {
      const store = await orAbort(openStore(profile, bucket, this.#ports.stores, signal), signal);
      // Those that are gone leave the set.
      this.#used = new Set([...this.#inUse(), store].map((one) => new WeakRef(one)));
      await orAbort(this.#ports.onOpened({ profile, bucket, store }, signal), signal);
      const connections = this.#connectionsOf(profile);
      const { partSizeBytes } = profile;
      return { store, origin: originOf(profile, bucket), slots, connections, partSizeBytes };
    } catch (error) {
      throw signal.aborted ? tooLate(profile, error) : error;
    }
  }

  #inUse(): readonly Store[] {
    return [...this.#used].flatMap((one) => one.deref() ?? []);
  }

  #connectionsOf({ connections }: Profile): number {
    return Math.min(connections ?? Infinity, this.#ports.connections());
  }
}

/** What throttles as one. */
function endpointOf({ endpoint, region }: Profile): string {
  if (endpoint.kind === "practice") return `practice ${endpoint.folder}`;
  return endpoint.kind === "aws" ? `aws ${region}` : new URL(endpoint.url).origin;
}

/** Retried later, as a server that does not answer is. */
function tooLate(profile: Profile, cause: unknown): LonghaulError {
  const message = `${profile.name} was not open within ${OPEN_DEADLINE_MS / 1000} s`;
  return new LonghaulError("unreachable", message, { details: { profile: profile.name }, cause });
}

function noProfile(id: ProfileId): LonghaulError {
  return new LonghaulError("profile-missing", `there is no profile ${id}`, {
    details: { profile: id },
  });
}
