import type { TransferId, TransferView } from "#shared/transfer.ts";
import type { GroupName } from "./group.ts";
import { isSameDay } from "../common/clock-text.ts";
import { isConflict } from "./answers.ts";
import { GROUP_NAMES, groupOf } from "./group.ts";
import { lookOf } from "./look.ts";
import { findSharedTroubles } from "./shared-trouble.ts";

/** What decides where a row stands and how high it is; nothing that ticks. */
export type ListRow = {
  readonly id: TransferId;
  /** It asks: a strip with the answers stands below. */
  readonly isAsking: boolean;
  /** The bar above the list asks for it and for others: the row only says what it waits for. */
  readonly isAskedAbove: boolean;
  /** The first of its direction that waits for a slot. */
  readonly isNext: boolean;
};
export type ListGroup = {
  readonly name: GroupName;
  readonly title: string;
  readonly rows: readonly ListRow[];
};

export type Segment = GroupName | "all" | "unfinished";

export type ListFilter = {
  /** `unfinished`: none of the list, but what transfers have left behind. */
  readonly segment: Segment;
  /** Part of a name or place; any case. */
  readonly text: string;
};

/** Top to bottom, empty groups left out. */
export function layoutList(
  views: Iterable<TransferView>,
  filter: ListFilter,
  nowMs: number,
): readonly ListGroup[] {
  const members: Record<GroupName, TransferView[]> = {
    asking: [],
    active: [],
    waiting: [],
    done: [],
  };
  for (const view of views) {
    const group = groupOf(view);
    if (group !== null) members[group].push(view);
  }
  for (const group of GROUP_NAMES) members[group].sort(group === "done" ? newestFirst : byPosition);
  const next = nextInLine(members.waiting);
  const askedAbove = askedTogether(members.asking);
  return GROUP_NAMES.filter((name) => filter.segment === "all" || filter.segment === name)
    .map((name) => {
      const shown = members[name].filter((view) => matches(view, filter.text));
      return {
        name,
        title: titleOf(name, shown, nowMs),
        rows: shown.map((view) => ({
          id: view.id,
          isAsking: lookOf(view) === "asking" && !askedAbove.has(view.id),
          isAskedAbove: askedAbove.has(view.id),
          isNext: next.has(view.id),
        })),
      };
    })
    .filter((group) => group.rows.length > 0);
}

function byPosition(one: TransferView, other: TransferView): number {
  return one.position - other.position;
}

function newestFirst(one: TransferView, other: TransferView): number {
  return doneAtMs(other) - doneAtMs(one);
}

function doneAtMs({ state }: TransferView): number {
  return state.phase === "done" ? state.atMs : 0;
}

function nextInLine(waiting: readonly TransferView[]): ReadonlySet<TransferId> {
  const queued = waiting.filter((view) => view.state.phase === "queued");
  const first = (["upload", "download"] as const).map((direction) =>
    queued.find((view) => view.direction === direction),
  );
  return new Set(first.flatMap((view) => (view ? [view.id] : [])));
}

function askedTogether(asking: readonly TransferView[]): ReadonlySet<TransferId> {
  // A conflict is asked in the row, whatever else the transfer waits for.
  const forKeys = findSharedTroubles(asking.filter((view) => !isConflict(view)));
  return new Set(forKeys.flatMap(({ ids }) => ids));
}

function titleOf(name: GroupName, rows: readonly TransferView[], nowMs: number): string {
  switch (name) {
    case "asking":
      return "Needs you";
    case "active":
      return "Active";
    case "waiting":
      return "Waiting";
    case "done":
      return rows.every((view) => isSameDay(doneAtMs(view), nowMs)) ? "Done today" : "Done";
    default:
      return name satisfies never;
  }
}

function matches(view: TransferView, text: string): boolean {
  if (text.trim() === "") return true;
  const wanted = text.trim().toLowerCase();
  return [view.name, ...[view.from, view.to].map(wordsOfPlace)].some((words) =>
    words.toLowerCase().includes(wanted),
  );
}

function wordsOfPlace(place: TransferView["from"]): string {
  if (place.kind === "drop") return "";
  return place.kind === "s3" ? `${place.profileName} ${place.bucket}/${place.key}` : place.path;
}

export function isSameLayout(one: readonly ListGroup[], other: readonly ListGroup[]): boolean {
  return (
    one.length === other.length &&
    one.every((group, index) => {
      const twin = other[index];
      return (
        twin !== undefined &&
        twin.title === group.title &&
        twin.name === group.name &&
        twin.rows.length === group.rows.length &&
        group.rows.every((row, at) => isSameRow(row, twin.rows[at]))
      );
    })
  );
}

function isSameRow(row: ListRow, twin: ListRow | undefined): boolean {
  return (
    twin !== undefined &&
    row.id === twin.id &&
    row.isAsking === twin.isAsking &&
    row.isAskedAbove === twin.isAskedAbove &&
    row.isNext === twin.isNext
  );
}
