import { describe, expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import { local, makeTransfer, remote } from "../fixture/make-transfer.ts";
import { isSameLayout, layoutList } from "./list-layout.ts";

const now = new Date(2026, 10, 20, 14, 0).getTime();
const all = { segment: "all", text: "" } as const;
const queued = { phase: "queued", cause: null } as const;
const done = (atMs: number) => ({ phase: "done", atMs }) as const;
const named = (name: string, rest: Partial<TransferView> = {}) =>
  makeTransfer(name, { total: 1 }, rest);

function namesOf(views: readonly TransferView[], filter = all as Parameters<typeof layoutList>[1]) {
  const nameOf = new Map(views.map((view) => [view.id, view.name]));
  return layoutList(views, filter, now).map(({ title, rows }) => [
    title,
    ...rows.map(({ id }) => nameOf.get(id)),
  ]);
}

describe("groups", () => {
  it("stand by what they need: a person, a wire, a slot, nothing", () => {
    const views = [
      named("done", { state: done(now) }),
      named("waits", { state: queued }),
      named("asks", { askingItemCount: 1 }),
      named("moves"),
    ];
    expect(namesOf(views)).toEqual([
      ["Needs you", "asks"],
      ["Active", "moves"],
      ["Waiting", "waits"],
      ["Done today", "done"],
    ]);
  });

  it("leave out what is canceled", () => {
    expect(namesOf([named("gone", { state: { phase: "canceled", atMs: now } })])).toEqual([]);
  });

  it("say today only when all is of today", () => {
    const yesterday = now - 86_400_000;
    const views = [named("a", { state: done(yesterday) }), named("b", { state: done(now) })];
    expect(namesOf(views)).toEqual([["Done", "b", "a"]]);
  });
});

describe("what the bar above the list asks for several", () => {
  const noKeys = { phase: "paused", cause: "credentials", sinceMs: 0, error: null } as const;
  const traits = (views: readonly TransferView[]) =>
    layoutList(views, all, now).flatMap(({ rows }) =>
      rows.map(({ isAsking, isAskedAbove }) => [isAsking, isAskedAbove]),
    );

  it("is not asked again in their rows", () => {
    const views = [named("a", { state: noKeys }), named("b", { state: noKeys })];
    expect(namesOf(views)).toEqual([["Needs you", "a", "b"]]);
    expect(traits(views)).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  it("is asked in the row of a lone one", () => {
    expect(traits([named("a", { state: noKeys })])).toEqual([[true, false]]);
  });

  it("leaves a conflict in its row", () => {
    const views = ["a", "b", "c"].map((name) => named(name, { state: noKeys }));
    const asks = { ...views[0], askingItemCount: 1 } as TransferView;
    expect(traits([asks, ...views.slice(1)])).toEqual([
      [true, false],
      [false, true],
      [false, true],
    ]);
  });
});

describe("the order in a group", () => {
  it("is the queue's", () => {
    const views = [named("second", { position: 2 }), named("first", { position: 1 })];
    expect(namesOf(views)).toEqual([["Active", "first", "second"]]);
  });

  it("is the newest first of what is done", () => {
    const views = [
      named("older", { state: done(now - 5_000) }),
      named("newer", { state: done(now) }),
    ];
    expect(namesOf(views)).toEqual([["Done today", "newer", "older"]]);
  });
});

describe("the next in line", () => {
  it("is the first queued one of each direction", () => {
    const views = [
      named("paused", {
        position: 1,
        state: { phase: "paused", cause: "user", sinceMs: 0, error: null },
      }),
      named("down", { position: 2, state: queued }),
      named("later", { position: 3, state: queued }),
      named("up", { position: 4, direction: "upload", state: queued }),
    ];
    const rows = layoutList(views, all, now).flatMap((group) => group.rows);
    expect(rows.map(({ isNext }) => isNext)).toEqual([false, true, false, true]);
  });
});

describe("the filter", () => {
  const views = [
    named("Llama.gguf", { from: remote("models/Llama.gguf", "company-models") }),
    named("notes", {
      from: remote("notes/", "research", "research-eu"),
      to: local("elsewhere"),
      state: queued,
    }),
  ];

  it("shows one segment alone", () => {
    expect(namesOf(views, { segment: "waiting", text: "" })).toEqual([["Waiting", "notes"]]);
  });

  it.each([
    ["llama", "Llama.gguf"],
    ["COMPANY-models", "Llama.gguf"],
    [" research-eu ", "notes"],
    ["/home/mira/else", "notes"],
  ])("finds %j in names, buckets, profiles and paths", (text, name) => {
    expect(namesOf(views, { segment: "all", text }).flat()).toContain(name);
    expect(namesOf(views, { segment: "all", text }).flat()).toHaveLength(2);
  });

  it("finds nothing in a browser's drop, which has no place", () => {
    const dropped = named("photos", { from: { kind: "drop" }, to: remote("photos/", "b") });
    expect(namesOf([dropped], { segment: "all", text: "browser" })).toEqual([]);
  });
});

describe("sameness", () => {
  const views = [named("a"), named("b", { state: queued })];
  const layout = layoutList(views, all, now);

  it("holds over ticks, so that the list is not drawn for them", () => {
    const ticked = views.map((view) => ({
      ...view,
      doneBytes: 7,
      bytesPerSecond: 9,
      secondsLeft: 3,
    }));
    expect(isSameLayout(layout, layoutList(ticked, all, now))).toBe(true);
  });

  it.each<[string, Partial<TransferView>]>([
    ["a change of state", { state: done(now) }],
    ["a question", { askingItemCount: 1 }],
    ["another place in the queue", { position: 1e6, state: queued }],
  ])("ends with %s", (_what, change) => {
    const changed = views.map((view, index) => (index === 0 ? { ...view, ...change } : view));
    expect(isSameLayout(layout, layoutList(changed, all, now))).toBe(false);
  });

  it("ends with one more or one less", () => {
    expect(isSameLayout(layout, layoutList([...views, named("c")], all, now))).toBe(false);
    expect(isSameLayout(layout, layoutList(views.slice(1), all, now))).toBe(false);
  });
});
