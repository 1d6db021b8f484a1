import { expect, it } from "vitest";
import type { PageFiles } from "#main/page-files.ts";
import { registerScheme, servePage } from "./app-protocol.ts";

type Handler = (request: Request) => Response | Promise<Response>;

const files = {
  find: (path: string) =>
    path === "/"
      ? { headers: { "content-security-policy": "default-src 'none'" }, body: "<html></html>" }
      : undefined,
} as PageFiles;

function serve(): Handler {
  let handler: Handler = () => new Response();
  servePage({ handle: (_, given) => void (handler = given) }, files);
  return handler;
}

it("serves the page with its policy", async () => {
  const response = await serve()(new Request("app://longhaul/"));
  expect(await response.text()).toBe("<html></html>");
  expect(response.headers.get("content-security-policy")).toBe("default-src 'none'");
});

it.each([
  ["app://longhaul/other", "GET"],
  ["app://evil/", "GET"],
  ["app://longhaul/", "POST"],
])("has nothing at %s for %s", async (url, method) => {
  expect((await serve()(new Request(url, { method }))).status).toBe(404);
});

it("makes app:// a secure origin without rights beyond that", () => {
  const schemes: unknown[] = [];
  registerScheme({ registerSchemesAsPrivileged: (given) => void schemes.push(...given) });
  expect(schemes).toEqual([
    { scheme: "app", privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
});
