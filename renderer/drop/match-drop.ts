import type { Client } from "#shared/client.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { Arrival } from "./send-arrivals.ts";
import type { DescribedFile } from "./page-files.ts";
import type { DropRoot } from "./walk-entries.ts";
import { isEmptyFolder, pageFiles } from "./page-files.ts";

export type MatchedDrop = {
  /** They go on where they were. */
  readonly arrivals: readonly Arrival[];
  /** The transfers that they belong to. */
  readonly ids: ReadonlySet<TransferId>;
  /** What belongs to none of those: an upload of its own. */
  readonly fresh: readonly DropRoot[];
  /** Paths that the browser could not read: they are in none of the others. */
  readonly unreadable: readonly string[];
};

type MatchPort = {
  readonly call: Client["call"];
  /** Whether a transfer packs what it gets, and so wants to know of empty folders, too. */
  readonly isPacked: (id: TransferId) => boolean;
};

/**
 * Looks for unfinished arrivals among the files of a drop. Files that such a transfer has whole
 * already belong to it too, and are not sent a second time.
 */
export async function matchDrop(
  roots: readonly DropRoot[],
  port: MatchPort,
  signal: AbortSignal,
): Promise<MatchedDrop> {
  const { call } = port;
  const arrivals: Arrival[] = [];
  const ids = new Set<TransferId>();
  const others: DescribedFile[] = [];
  const unreadable: string[] = [];
  for await (const { files, unreadable: unread } of pageFiles(roots, signal, true)) {
    unreadable.push(...unread);
    const matches = await call("drop.match", { files: files.map((file) => file.facts) });
    const matchOf = new Map(matches.map((match) => [match.index, match]));
    files.forEach((file, index) => {
      const match = matchOf.get(index);
      if (match) arrivals.push({ ...file, id: match.id, ticket: match.ticket });
      else others.push(file);
    });
    for (const match of matches) ids.add(match.id);
  }
  // Whoever walks the roots again comes upon them again.
  if (ids.size === 0) return { arrivals, ids, fresh: roots, unreadable: [] };
  const known = await namesIn([...ids], call, signal);
  const rest = others.filter(({ facts }) => !known.has(sameFile(facts.name, facts.sizeBytes)));
  const joined = await joinRest(arrivals, rest, port);
  const joinedNames = new Set(joined.map(({ facts }) => facts.name));
  return {
    arrivals: [...arrivals, ...joined],
    ids,
    fresh: rest
      .filter((file) => !joinedNames.has(file.facts.name) && !isEmptyFolder(file))
      .map(rootOfRest),
    unreadable,
  };
}

/**
 * A page that went while it was still telling of a folder left the list open: the rest of that
 * folder joins it. Where the list is complete the rest is new, and the sheet asks about it.
 */
async function joinRest(
  arrivals: readonly Arrival[],
  rest: readonly DescribedFile[],
  { call, isPacked }: MatchPort,
): Promise<readonly Arrival[]> {
  const joined: Arrival[] = [];
  for (const id of new Set(arrivals.map((arrival) => arrival.id))) {
    const tops = new Set(arrivals.filter((one) => one.id === id).map(topOf));
    const files = rest
      .filter((file) => file.facts.name.includes("/") && tops.has(topOf(file)))
      .filter((file) => isPacked(id) || !isEmptyFolder(file));
    joined.push(...(await addToOpen(id, files, call)));
  }
  return joined;
}

async function addToOpen(
  id: TransferId,
  files: readonly DescribedFile[],
  call: Client["call"],
): Promise<readonly Arrival[]> {
  const joined: Arrival[] = [];
  try {
    for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
      const page = files.slice(at, at + FILES_AT_ONCE);
      const tickets = await call("drop.add", { id, files: page.map((file) => file.facts) });
      page.forEach((file, index) => {
        const ticket = tickets[index];
        if (ticket && !isEmptyFolder(file)) joined.push({ ...file, id, ticket });
      });
    }
    await call("drop.close", { id });
  } catch (thrown) {
    // The list is complete: nothing can join it, and nothing has to be said about its end.
    if (!(thrown instanceof LonghaulError) || thrown.code !== "invalid") throw thrown;
  }
  return joined;
}

/** The thing that was dropped, of which a file is a part. */
function topOf({ facts }: DescribedFile): string {
  return facts.name.split("/", 1)[0] ?? "";
}

const ITEMS_AT_ONCE = 500;
const FILES_AT_ONCE = 500;

async function namesIn(
  ids: readonly TransferId[],
  call: Client["call"],
  signal: AbortSignal,
): Promise<Set<string>> {
  const known = new Set<string>();
  for (const id of ids) {
    for (let offset = 0, total = 1; offset < total; offset += ITEMS_AT_ONCE) {
      signal.throwIfAborted();
      const page = await call("transfer.items", { id, offset, limit: ITEMS_AT_ONCE, phases: [] });
      for (const item of page.items) known.add(sameFile(item.name, item.sizeBytes));
      total = page.total;
    }
  }
  return known;
}

function sameFile(name: string, sizeBytes: number): string {
  return `${sizeBytes} ${name}`;
}

/** Keeps its place inside the drop as its name. */
function rootOfRest({ found }: DescribedFile): DropRoot {
  return {
    name: found.name,
    kind: "file",
    walk: async function* () {
      yield { kind: "file", file: found };
    },
  };
}
