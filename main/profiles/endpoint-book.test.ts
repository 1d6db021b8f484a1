import { expect, it } from "vitest";
import { EndpointBook } from "./endpoint-book.ts";
import { MemoryDocument } from "./fakes.ts";

const LAB = "https://minio.lab:9000";

it("remembers what was seen of an endpoint over a restart", () => {
  const document = new MemoryDocument();
  const book = new EndpointBook(document);
  expect(book.of(LAB)).toEqual({});
  book.learn(LAB, { keepsConditions: true });
  expect(new EndpointBook(document).of(LAB)).toEqual({ keepsConditions: true });
  book.learn(LAB, { keepsConditions: false });
  expect(new EndpointBook(document).of(LAB)).toEqual({ keepsConditions: false });
});

it("knows nothing where what is kept is not readable", () => {
  const document = new MemoryDocument();
  document.write("endpoints", ["somebody's"]);
  expect(new EndpointBook(document).of(LAB)).toEqual({});
});

it("forgets the oldest beyond a bound", () => {
  const book = new EndpointBook(new MemoryDocument());
  for (let at = 0; at <= 200; at += 1) book.learn(`https://h${at}`, { keepsConditions: true });
  expect([book.of("https://h0"), book.of("https://h1")]).toEqual([{}, { keepsConditions: true }]);
});
