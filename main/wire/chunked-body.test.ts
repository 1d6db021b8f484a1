import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ChunkedBody } from "./chunked-body.ts";

/** Takes a text in pieces that end at `cuts`. */
function takeAll(text: string, cuts: readonly number[] = []) {
  const bytes = Buffer.from(text, "latin1");
  const body = new ChunkedBody();
  let data = "";
  let taken = 0;
  for (const end of [...cuts, bytes.length]) {
    taken += body.take(bytes.subarray(taken, Math.max(taken, end)), (view) => {
      data += view.toString("latin1");
    });
  }
  return { data, taken, isDone: body.isDone };
}

it("puts a body together, wherever its pieces were cut", () => {
  const arbitrary = fc.record({
    chunks: fc.array(fc.string({ minLength: 1, maxLength: 40, unit: "binary-ascii" })),
    cuts: fc.array(fc.nat(400), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ chunks, cuts }) => {
      const framed = chunks.map((chunk) => `${chunk.length.toString(16)};x=1\r\n${chunk}\r\n`);
      const text = `${framed.join("")}0\r\nx-trailer: 1\r\n\r\n`;
      const sorted = cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b);
      expect(takeAll(text, sorted)).toEqual({
        data: chunks.join(""),
        taken: text.length,
        isDone: true,
      });
    }),
  );
});

it("leaves what follows the body", () => {
  expect(takeAll("1\r\na\r\n0\r\n\r\nHTTP/1.1")).toEqual({ data: "a", taken: 11, isDone: true });
});

it("is not done before its last line", () => {
  for (const text of ["", "1\r\na\r\n", "1\r\na\r\n0\r\n", "0\r\nx: 1\r\n"]) {
    expect(takeAll(text).isDone).toBe(false);
  }
});

it.each([
  ["a size that is none", "xyz\r\n"],
  ["no size", "\r\n"],
  ["a negative size", "-1\r\n"],
  ["a size beyond counting", "ffffffffffffff\r\n"],
  ["a size ended by half a line break", "1\na\r\n"],
  ["bytes beyond the size", "1\r\nab\r\n"],
  ["a line without an end", "1;".padEnd(5000, "x")],
  ["a trailer without an end", `0\r\n${"x: 1234567890\r\n".repeat(2000)}`],
])("is refused with %s", (_what, text) => {
  expect(() => takeAll(text)).toThrow(expect.objectContaining({ code: "EPROTO" }));
});
