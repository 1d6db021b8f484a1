import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Profile } from "#shared/profile.ts";
import { MiB } from "../bytes/sizes.ts";
import { readSafetensorsHead } from "../models/safetensors-head.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { FakeWire } from "../parts/fake-wire.ts";
import { aProfile } from "../profiles/fakes.ts";
import { addSamplesOnce, isPracticeBucket, practiceProfile } from "./practice.ts";

const never = new AbortController().signal;
const KEYS = ["digits.csv", "tiny-model.config.json", "tiny-model.safetensors"];

let home: string;
let folder: string;
let store: FakeStore;
let wire: FakeWire;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-practice-"));
  folder = join(home, "incoming");
  mkdirSync(folder);
  store = new FakeStore();
  wire = new FakeWire(store);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const add = (signal = never) => addSamplesOnce(store, { wire, home, folder }, signal);
const keys = () => [...store.objects.keys()].toSorted();
const bytesOf = (key: string) => store.objects.get(key)?.bytes ?? Buffer.alloc(0);

describe("the samples", () => {
  it("are three artifacts, one of them large enough for parts", async () => {
    await add();
    expect(keys()).toEqual(KEYS);
    const model = bytesOf("tiny-model.safetensors");
    expect(model.length).toBe(24 * MiB);
    expect(readSafetensorsHead(model, model.length)).toMatchObject({ tensorCount: 1 });
    expect(JSON.parse(bytesOf("tiny-model.config.json").toString())).toMatchObject({ layers: 8 });
    const lines = bytesOf("digits.csv").toString().trimEnd().split("\n");
    expect([lines.length, lines[0], lines[2]]).toEqual([20_001, "index,digit,x,y", "1,9,1,3"]);
  });

  it("are the same everywhere, and no zeros that a disk would not store", async () => {
    await add();
    const first = bytesOf("tiny-model.safetensors");
    store = new FakeStore();
    wire = new FakeWire(store);
    rmSync(join(home, "samples-added"));
    await add();
    expect(bytesOf("tiny-model.safetensors").equals(first)).toBe(true);
    expect(new Set(first.subarray(0, 4096)).size).toBeGreaterThan(200);
  });

  it("do not come back after somebody deleted them", async () => {
    await add();
    store.objects.clear();
    await add();
    expect(keys()).toEqual([]);
    expect(store.count("put")).toBe(3);
  });

  it("leave nothing behind but the mark", async () => {
    await add();
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(home).toSorted()).toEqual(["incoming", "samples-added"]);
    expect([wire.loaded.size, new Set(wire.closed).size]).toEqual([0, 1]);
  });

  it("are tried again in whole when one could not be put", async () => {
    store.before = (call, attempt) => {
      if (call === "put" && attempt === 2) throw new Error("the store went away");
    };
    await expect(add()).rejects.toThrow("went away");
    expect([existsSync(join(home, "samples-added")), readdirSync(folder)]).toEqual([false, []]);
    expect(wire.loaded.size).toBe(0);
    await add();
    expect(keys()).toEqual(KEYS);
  });

  it("are not put once nobody wants them", async () => {
    await expect(add(AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
    expect([keys(), readdirSync(folder)]).toEqual([[], []]);
  });
});

describe("the practice profile", () => {
  it("is one that the settings file can keep", () => {
    const profile = practiceProfile("/home/ada/longhaul");
    expect(Profile.parse(profile)).toEqual(profile);
    expect(profile.endpoint).toEqual({ kind: "practice", folder: "/home/ada/longhaul/practice" });
  });

  it("brings samples to its own bucket only", () => {
    const profile = practiceProfile(home);
    expect(isPracticeBucket(profile, "practice")).toBe(true);
    expect(isPracticeBucket(profile, "other")).toBe(false);
    expect(isPracticeBucket(aProfile(), "practice")).toBe(false);
  });

  it("brings none to the server that somebody made of it", () => {
    const endpoint = { kind: "url", url: "https://minio.lab" } as const;
    expect(isPracticeBucket({ ...practiceProfile(home), endpoint }, "practice")).toBe(false);
  });
});
