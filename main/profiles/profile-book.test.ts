import { describe, expect, it, vi } from "vitest";
import type { Profile } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import { aProfile, MemoryDocument, MemorySecrets } from "./fakes.ts";
import { ProfileBook } from "./profile-book.ts";

const SECRET = { secretAccessKey: "a-secret-of-the-lab" };
const lab = aProfile();
const other = aProfile({ id: ProfileId.parse("other"), name: "Other" });

function aBook(profiles?: unknown) {
  const document = new MemoryDocument(profiles === undefined ? {} : { profiles });
  const secrets = new MemorySecrets();
  return { document, secrets, book: new ProfileBook(document, secrets) };
}

/** A book that has `lab` with its secret. */
async function aBookWithLab() {
  const opened = aBook();
  await opened.book.save(lab, SECRET);
  return opened;
}

describe("ProfileBook", () => {
  it("keeps profiles in the document and secrets out of it", async () => {
    const { book, document, secrets } = await aBookWithLab();
    await book.save(other, null);
    expect(document.sections.profiles).toEqual([lab, other]);
    expect(secrets.kept.get("lab")).toEqual(SECRET);
    expect(JSON.stringify(document.sections)).not.toContain("a-secret");
    expect(new ProfileBook(document, secrets).list()).toEqual([lab, other]);
  });

  it("replaces the profile of the same id in its place", async () => {
    const { book } = await aBookWithLab();
    await book.save(other, null);
    const renamed = { ...lab, name: "The lab" };
    await book.save(renamed, null);
    expect(book.list()).toEqual([renamed, other]);
    expect(book.get(lab.id)).toEqual(renamed);
  });

  it("refuses a name that another profile has", async () => {
    const { book } = await aBookWithLab();
    await expect(book.save({ ...other, name: "Lab" }, null)).rejects.toMatchObject({
      code: "invalid",
    });
    expect(book.list()).toEqual([lab]);
  });

  it("forgets a removed profile with its secret", async () => {
    const { book, document, secrets } = await aBookWithLab();
    await book.remove(lab.id);
    await book.remove(lab.id);
    expect(document.sections.profiles).toEqual([]);
    expect(secrets.kept.size).toBe(0);
    expect(() => book.get(lab.id)).toThrow(expect.objectContaining({ code: "profile-missing" }));
    expect(book.find(lab.id)).toBeUndefined();
  });
});

describe("a change of the book", () => {
  it("is told to listeners, until they stop listening", async () => {
    const { book } = aBook();
    const listener = vi.fn();
    const stop = book.onChange(listener);
    book.saveFirst(lab);
    await book.remove(lab.id);
    stop();
    book.saveFirst(lab);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("is told once the secret is kept, too, or could not be", async () => {
    const { book, secrets } = aBook();
    const seen: unknown[] = [];
    book.onChange(() => seen.push([book.list().length, secrets.kept.size]));
    await book.save(lab, SECRET);
    vi.spyOn(secrets, "set").mockRejectedValueOnce(new Error("the keychain is locked"));
    await expect(book.save(other, SECRET)).rejects.toThrow("locked");
    await expect(book.save({ ...other, name: "Lab" }, null)).rejects.toThrow();
    expect(seen).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it("works also after one that did not", async () => {
    const { book, secrets } = aBook();
    vi.spyOn(secrets, "set").mockRejectedValueOnce(new Error("the keychain is locked"));
    const failing = book.save(lab, SECRET);
    const next = book.save(other, null);
    await expect(failing).rejects.toThrow("locked");
    await next;
    expect(book.find(other.id)).toEqual(other);
  });
});

describe("ProfileBook.hasSecretFor", () => {
  it("is so for the place and the key that it was given for, and no others", async () => {
    const { book } = await aBookWithLab();
    const url = (text: string) => ({ ...lab, endpoint: { kind: "url", url: text } }) as const;
    const { endpoint } = lab;
    const same = endpoint.kind === "url" ? endpoint.url : "";
    expect(book.hasSecretFor({ ...lab, name: "Renamed", region: "x" })).toBe(true);
    expect(book.hasSecretFor(url(`${same}/`))).toBe(true);
    expect(book.hasSecretFor(url("https://other.example"))).toBe(false);
    expect(book.hasSecretFor(url(same.replace("https:", "http:")))).toBe(false);
    const credentials = { kind: "stored", accessKeyId: "another" } as const;
    expect(book.hasSecretFor({ ...lab, credentials })).toBe(false);
    expect(book.hasSecretFor({ ...lab, id: other.id })).toBe(false);
  });
});

describe("a document as it was found", () => {
  it("is new only when no list was ever written", () => {
    expect(aBook().book.isNew).toBe(true);
    expect(aBook([]).book.isNew).toBe(false);
  });

  it("keeps what cannot be read, and writes it back", async () => {
    const newer = { id: "q", name: "Of a newer version", kind: "quantum" };
    const { book, document } = aBook([newer, lab, "rubbish", { ...lab, name: "Twice" }]);
    expect(book.list()).toEqual([lab]);
    expect(book.unreadCount).toBe(3);
    await book.save(other, null);
    expect(document.sections.profiles).toEqual([
      lab,
      other,
      newer,
      "rubbish",
      { ...lab, name: "Twice" },
    ]);
  });

  it("is kept even when it is no list", () => {
    const { book, document } = aBook({ lab: "?" });
    book.saveFirst(lab);
    expect(document.sections.profiles).toEqual([lab, { lab: "?" }]);
  });
});

describe("a kept secret", () => {
  const url = (address: string) => ({ endpoint: { kind: "url", url: address } as const });

  it.each<[title: string, change: Partial<Profile>, isKept: boolean]>([
    ["another name", { name: "Renamed" }, true],
    ["another region and part size", { region: "eu", partSizeBytes: 5 * 1024 * 1024 }, true],
    ["the same address, spelled otherwise", url("https://MINIO.lab:9000/"), true],
    ["another host", url("https://minio.evil:9000"), false],
    ["another port", url("https://minio.lab:9001"), false],
    ["no TLS any more", url("http://minio.lab:9000"), false],
    ["AWS", { endpoint: { kind: "aws" } }, false],
    ["another access key", { credentials: { kind: "stored", accessKeyId: "new" } }, false],
    ["keys of the environment", { credentials: { kind: "environment" } }, false],
  ])("with %s", async (_title, change, isKept) => {
    const { book, secrets } = await aBookWithLab();
    await book.save({ ...lab, ...change }, null);
    expect(secrets.kept.has("lab")).toBe(isKept);
  });

  it("is gone before the document names another endpoint, and the new one comes after", async () => {
    const { book, document, secrets } = await aBookWithLab();
    secrets.deeds.length = 0;
    vi.spyOn(document, "write").mockImplementation(() => secrets.deeds.push("write"));
    await book.save({ ...lab, ...url("https://new.lab") }, SECRET);
    expect(secrets.deeds).toEqual(["remove lab", "write", "set lab"]);
  });

  it("of nobody does not become the secret of a new profile of its id", async () => {
    const { book, secrets } = aBook();
    secrets.kept.set("lab", SECRET);
    await book.save(lab, null);
    expect(secrets.kept.size).toBe(0);
  });

  it("is not looked at for profiles that have none", async () => {
    const { book, secrets } = aBook();
    const anonymous = { ...lab, credentials: { kind: "anonymous" } as const };
    await book.save(anonymous, SECRET);
    await book.save({ ...anonymous, name: "Renamed" }, null);
    expect(secrets.deeds).toEqual([]);
  });
});
