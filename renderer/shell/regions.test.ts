// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { focusNextRegion } from "./regions.ts";

afterEach(() => {
  document.body.innerHTML = "";
});

function put(html: string): void {
  document.body.innerHTML = html;
}
const focused = () => document.activeElement?.id;

const PAGE = `
  <div data-region="sidebar"><button id="brand">Transfers</button></div>
  <div data-region="screen">
    <input id="filter" />
    <div role="row" tabindex="-1" id="row-1"></div>
    <div role="row" tabindex="0" id="row-2"></div>
    <aside data-region="details"><button id="close">x</button></aside>
  </div>
  <div data-region="status"><button id="speed">0 B/s</button></div>`;

it("goes round: sidebar, list, details, status bar", () => {
  put(PAGE);
  const visited = Array.from({ length: 5 }, () => {
    focusNextRegion(document, 1);
    return focused();
  });
  expect(visited).toEqual(["brand", "row-2", "close", "speed", "brand"]);
});

it("goes the other way round with Shift", () => {
  put(PAGE);
  document.getElementById("brand")?.focus();
  const visited = Array.from({ length: 4 }, () => {
    focusNextRegion(document, -1);
    return focused();
  });
  expect(visited).toEqual(["speed", "close", "row-2", "brand"]);
});

it("passes by what is not on screen", () => {
  put(`<div data-region="sidebar"><button id="brand">a</button></div>
    <div data-region="status"><button disabled>b</button><button id="limit">c</button></div>`);
  document.getElementById("brand")?.focus();
  focusNextRegion(document, 1);
  expect(focused()).toBe("limit");
});

it("stays where it is when there is nowhere to go", () => {
  put(`<button id="alone">a</button>`);
  document.getElementById("alone")?.focus();
  focusNextRegion(document, 1);
  expect(focused()).toBe("alone");
});
