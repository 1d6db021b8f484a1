import { expect, it } from "vitest";
import type { CallOutput } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { fakeHost } from "../host/fake-host.ts";
import { loadMore, openListing, useListingStore } from "./listing-store.ts";

const place = { profileId: ProfileId.parse("p"), bucket: "data", prefix: "" };

function pageOf(names: readonly string[], cursor: string | null): CallOutput<"library.list"> {
  const objects = names.map((key) => ({ key, sizeBytes: 1, modifiedAtMs: 0, etag: "" }));
  return { prefixes: [], objects, cursor };
}

function clientWith(list: (cursor: string | null) => CallOutput<"library.list"> | LonghaulError) {
  const host = fakeHost({ "library.list": ({ cursor }) => list(cursor) });
  return { call: host.call, onEvent: () => () => {} };
}

function shown() {
  const { rows, phase, cursor, error } = useListingStore.getState();
  return { names: rows.map((row) => row.name), phase, cursor, error: error?.code ?? null };
}

it("puts the next page after the first, until there is none", async () => {
  const client = clientWith((cursor) =>
    cursor === null ? pageOf(["a"], "next") : pageOf(["b"], null),
  );
  await openListing(client, place);
  await loadMore(client);
  await loadMore(client);
  expect(shown()).toEqual({ names: ["a", "b"], phase: "ready", cursor: null, error: null });
});

it("keeps what is listed when the next page does not come", async () => {
  const client = clientWith((cursor) =>
    cursor === null ? pageOf(["a"], "next") : new LonghaulError("unreachable", "no answer"),
  );
  await openListing(client, place);
  await loadMore(client);
  expect(shown()).toEqual({ names: ["a"], phase: "ready", cursor: "next", error: "unreachable" });
});

it("keeps the rows of the same place on screen until they are listed again", async () => {
  await openListing(
    clientWith(() => pageOf(["a", "b"], null)),
    place,
  );
  const again = openListing(
    clientWith(() => pageOf(["b", "c"], null)),
    { ...place },
  );
  expect(shown().names).toEqual(["a", "b"]);
  await again;
  expect(shown().names).toEqual(["b", "c"]);
});

it("drops a page that was asked for before the same place was listed again", async () => {
  const late = Promise.withResolvers<CallOutput<"library.list">>();
  const host = fakeHost({
    "library.list": async ({ cursor }) =>
      cursor === "next" ? await late.promise : pageOf(["a"], "next"),
  });
  const client = { call: host.call, onEvent: () => () => {} };
  await openListing(client, place);
  const more = loadMore(client);
  await openListing(client, place);
  late.resolve(pageOf(["b"], null));
  await more;
  expect(shown()).toEqual({ names: ["a"], phase: "ready", cursor: "next", error: null });
});

it("says why a place cannot be listed at all", async () => {
  await openListing(
    clientWith(() => new LonghaulError("access-denied", "no")),
    { ...place, bucket: "closed" },
  );
  expect(shown()).toEqual({ names: [], phase: "failed", cursor: null, error: "access-denied" });
});

it("drops the answer for a place that was left", async () => {
  let answerFirst = (_page: CallOutput<"library.list">) => {};
  const slow = fakeHost({
    "library.list": () => new Promise((resolve) => (answerFirst = resolve)),
  });
  const first = openListing({ call: slow.call, onEvent: () => () => {} }, place);
  await openListing(
    clientWith(() => pageOf(["new"], null)),
    { ...place, prefix: "" },
  );
  answerFirst(pageOf(["old"], null));
  await first;
  expect(shown().names).toEqual(["new"]);
});
