import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromLatin1Name, toFsPath, toShownPath } from "./local-path.ts";

const bytesOf = (path: string): Buffer => Buffer.from(toFsPath(path));

describe("local paths", () => {
  it("are plain text when they are UTF-8", () => {
    const name = Buffer.from("Modèle 模型 🦙.bin").toString("latin1");
    expect(fromLatin1Name(name)).toBe("Modèle 模型 🦙.bin");
    expect(toFsPath("Modèle 模型 🦙.bin")).toBe("Modèle 模型 🦙.bin");
  });

  it("keep bytes that are no UTF-8, and show them as %XX", () => {
    const path = fromLatin1Name("caf\xe9-\xff.bin");
    expect(bytesOf(path)).toEqual(Buffer.from("caf\xe9-\xff.bin", "latin1"));
    expect(toShownPath(path)).toBe("caf%E9-%FF.bin");
  });

  it("keep what is valid around an invalid byte", () => {
    const name = Buffer.concat([Buffer.from("é"), Buffer.of(0xff), Buffer.from("模")]);
    expect(toShownPath(fromLatin1Name(name.toString("latin1")))).toBe("é%FF模");
  });

  it("give back every byte of every name, also through JSON", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const path = fromLatin1Name(Buffer.from(bytes).toString("latin1"));
        expect([...bytesOf(path)]).toEqual([...bytes]);
        expect(JSON.parse(JSON.stringify(path))).toBe(path);
      }),
    );
  });

  it("shows ordinary text as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(toShownPath(text)).toBe(text);
      }),
    );
  });
});
