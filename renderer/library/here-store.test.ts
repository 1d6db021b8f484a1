import { expect, it } from "vitest";
import type { HereState } from "#shared/library-here.ts";
import { ProfileId } from "#shared/profile.ts";
import { fakeHost } from "../host/fake-host.ts";
import {
  askHereAgain,
  askUnfinishedAgain,
  useHereStore,
  wantAllHere,
  wantDetailHere,
  wantHere,
} from "./here-store.ts";

const at = { profileId: ProfileId.parse("p"), bucket: "data" };
const NO: HereState = { state: "no", doneBytes: 0, path: null };

const HERE: HereState = { state: "here", doneBytes: 1, path: "/a" };

/** @param here Keys of what is here. */
function askedHost(here: readonly string[] = []) {
  const asked: string[][] = [];
  const host = fakeHost({
    "library.here": ({ objects: wanted }) => {
      asked.push(wanted.map(({ key, etag }) => `${key} ${etag}`));
      return wanted.map(({ key }) => (here.includes(key) ? HERE : NO));
    },
  });
  return { asked, client: { call: host.call, onEvent: () => () => {} } };
}

function objects(...keys: readonly string[]) {
  return keys.map((key) => ({ key, etag: "1", sizeBytes: 1 }));
}

async function settle() {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

it("asks once for what is on screen, and for no more than is new there", async () => {
  const { asked, client } = askedHost();
  wantHere(client, at, objects("a", "b"));
  await settle();
  wantHere(client, at, objects("a", "b"));
  wantHere(client, at, objects("b", "c"));
  await settle();
  expect(asked).toEqual([["a 1", "b 1"], ["c 1"]]);
  expect(useHereStore.getState().states.get("c")).toEqual({ etag: "1", state: NO });
});

it("asks anew for what is on screen when something changed, and for another version", async () => {
  const { asked, client } = askedHost();
  wantHere(client, { ...at, bucket: "again" }, objects("a", "b"));
  await settle();
  askHereAgain(client);
  await settle();
  wantHere(client, { ...at, bucket: "again" }, [{ key: "a", etag: "2", sizeBytes: 1 }]);
  await settle();
  expect(asked).toEqual([["a 1", "b 1"], ["a 1", "b 1"], ["a 2"]]);
});

it("forgets what was of another bucket", async () => {
  const { client } = askedHost();
  wantHere(client, { ...at, bucket: "one" }, objects("a"));
  await settle();
  wantHere(client, { ...at, bucket: "two" }, objects("b"));
  await settle();
  expect([...useHereStore.getState().states.keys()]).toEqual(["b"]);
});

it("leaves the column empty where the engine does not answer, and asks again later", async () => {
  const host = fakeHost({});
  const client = { call: host.call, onEvent: () => () => {} };
  wantHere(client, { ...at, bucket: "gone" }, objects("a"));
  await settle();
  expect(useHereStore.getState().states.size).toBe(0);
});

it("asks again for what is on screen and not here yet, when bytes came", async () => {
  const { asked, client } = askedHost(["a"]);
  wantHere(client, { ...at, bucket: "half" }, objects("a", "b"));
  await settle();
  askUnfinishedAgain(client);
  await settle();
  expect(asked).toEqual([["a 1", "b 1"], ["b 1"]]);
});

it("asks again for what changed while it was not on screen, when it is shown again", async () => {
  const { asked, client } = askedHost(["a"]);
  const place = { ...at, bucket: "off" };
  wantHere(client, place, objects("a", "b"));
  await settle();
  wantHere(client, place, []);
  askUnfinishedAgain(client);
  wantHere(client, place, objects("a", "b"));
  await settle();
  wantHere(client, place, []);
  askHereAgain(client);
  wantHere(client, place, objects("a", "b"));
  await settle();
  expect(asked).toEqual([["a 1", "b 1"], ["b 1"], ["a 1", "b 1"]]);
});

it("asks for what the details are of, whether it is on screen or not", async () => {
  const { asked, client } = askedHost();
  const place = { ...at, bucket: "details" };
  wantHere(client, place, objects("a"));
  wantDetailHere(client, place, objects("z"));
  await settle();
  askUnfinishedAgain(client);
  await settle();
  expect(asked).toEqual([["a 1"], ["z 1"], ["a 1", "z 1"]]);
  wantDetailHere(client, place, []);
  askHereAgain(client);
  await settle();
  expect(asked.at(-1)).toEqual(["a 1"]);
});

it("asks for all that is listed only where that is wanted, a thousand at a time, and for all of it again", async () => {
  const { asked, client } = askedHost();
  const place = { ...at, bucket: "many" };
  const many = objects(...Array.from({ length: 1500 }, (_, number) => `k${number}`));
  wantHere(client, place, objects("k0", "k1"));
  wantAllHere(client, place, many);
  await settle();
  expect(asked.map(({ length }) => length)).toEqual([2, 1000, 498]);
  expect(useHereStore.getState().states.size).toBe(1500);
  askHereAgain(client);
  await settle();
  expect(asked.slice(3).map(({ length }) => length)).toEqual([1000, 500]);
  wantAllHere(client, place, []);
  askHereAgain(client);
  await settle();
  expect(asked.slice(5)).toEqual([["k0 1", "k1 1"]]);
});
