import type { HereState, ListedObject } from "#shared/library-here.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Entry } from "../cache/entry.ts";
import { isOfVersion } from "../cache/entry.ts";
import { runLanes } from "../parts/run-lanes.ts";
import { DownloadSource, readResume } from "./item-record.ts";
import type { Journal } from "./journal.ts";
import { isUnchanged } from "../cache/is-unchanged.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { TransferRecord } from "./transfer-record.ts";
import { isSettled } from "./transfer-state.ts";

/** Files looked at on disk at once. */
const LOOK_LANES = 16;
/** More items under way at once there are not in one transfer. */
const MOST_BEGUN = 1000;

const NO: HereState = { state: "no", doneBytes: 0, path: null };

type Place = {
  readonly profileId: ProfileId;
  readonly bucket: string;
  readonly origin: string;
};

/** What is here of each object, in their order; at most 1,000. Nothing is read, nobody is asked. */
export async function hereStates(
  objects: readonly ListedObject[],
  place: Place,
  ports: { readonly journal: Journal; readonly book: Pick<TransferBook, "list"> },
  signal: AbortSignal,
): Promise<HereState[]> {
  const keys = objects.map(({ key }) => key);
  const known = await ports.journal.entriesOf({ origin: place.origin, keys });
  const valid = await validOf(known, signal);
  const begun = await begunIn(place, ports);
  return objects.map((object) => {
    const copies = valid.get(object.key) ?? [];
    const copy = copies.find((entry) => isOfVersion(entry, object));
    if (copy) return { state: "here", doneBytes: object.sizeBytes, path: copy.path };
    const doneBytes = begun.get(versionOf(object));
    if (doneBytes !== undefined) return { ...NO, state: "part", doneBytes };
    const [other] = copies;
    return other ? { state: "newer", doneBytes: 0, path: other.path } : NO;
  });
}

async function validOf(
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Entry[]>> {
  const valid: Entry[] = [];
  const look = async (entry: Entry) => {
    if (entry.trouble === null && (await isUnchanged(entry))) valid.push(entry);
  };
  await runLanes(LOOK_LANES, entries.values(), look, signal);
  return Map.groupBy(valid, ({ key }) => key);
}

/** Bytes that unfinished downloads from here have of each object version. */
async function begunIn(
  { profileId, bucket }: Place,
  { journal, book }: { readonly journal: Journal; readonly book: Pick<TransferBook, "list"> },
): Promise<ReadonlyMap<string, number>> {
  const isFromHere = ({ spec, state }: TransferRecord) =>
    spec.kind === "download" &&
    spec.profileId === profileId &&
    spec.bucket === bucket &&
    !isSettled(state);
  const begun = new Map<string, number>();
  for (const { id } of book.list().filter(isFromHere)) {
    const rows = await journal.items({ transferId: id, isBegun: true, limit: MOST_BEGUN });
    for (const { source, sizeBytes, doneBytes, resume } of rows) {
      const { key } = DownloadSource.parse(source);
      const etag = readResume(resume).fetch?.etag;
      if (etag !== undefined) begun.set(versionOf({ key, etag, sizeBytes }), doneBytes);
    }
  }
  return begun;
}

function versionOf({ key, etag, sizeBytes }: ListedObject): string {
  return JSON.stringify([key, etag, sizeBytes]);
}
