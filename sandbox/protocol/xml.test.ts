import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { anyText } from "../testing/any-text.ts";
import { childText, parseXml, renderXml } from "./xml.ts";

describe("renderXml", () => {
  it("escapes text, nests fields and leaves out what is undefined", () => {
    const text = renderXml("A", [
      ["B", "<&>\u0001"],
      ["C", [["D", 1]]],
      ["E", undefined],
    ]);
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<A xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><B>&lt;&amp;&gt;&#x1;</B><C><D>1</D></C></A>',
    );
  });
});

describe("parseXml", () => {
  it("reads back any text that was rendered", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const root = parseXml(renderXml("Root", [["Key", text]]));
        expect(root.children[0]?.text).toBe(text);
      }),
    );
  });

  it("skips attributes, comments and prefixes", () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<!-- c --><n:Delete xmlns:n="x"><n:Quiet >true</n:Quiet><Empty/></n:Delete>\n',
    );
    expect([
      root.name,
      childText(root, "Quiet"),
      childText(root, "Empty"),
      childText(root, "None"),
    ]).toEqual(["Delete", "true", "", undefined]);
  });

  it.each([
    ["nothing", ""],
    ["text alone", "hello"],
    ["an element left open", "<a><b></a>"],
    ["two roots", "<a/><b/>"],
    ["a document type", '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
    ["an unknown entity", "<a>&nbsp;</a>"],
    ["a bare ampersand", "<a>a & b</a>"],
    ["a character beyond Unicode", "<a>&#x110000;</a>"],
    ["a closing tag alone", "</a>"],
  ])("refuses %s", (_title, text) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: "MalformedXML" }));
  });
});
