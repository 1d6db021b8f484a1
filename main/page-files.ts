import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { insertNonce, PAGE_FILE_TYPES, PAGE_HEADERS, pageHeaders } from "#shared/page-policy.ts";

/** A response, but for its status. */
export type PageFile = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
};

/**
 * The built page, read once: what is served is exactly what lay in the folder at the start, so no
 * path in a request ever reaches the disk.
 */
export class PageFiles {
  readonly #files = new Map<string, Buffer>();

  /** @throws Error when the folder holds no page. */
  constructor(folder: string) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length).replaceAll("\\", "/").replace(/^\/*/, "/");
      if (extname(name) in PAGE_FILE_TYPES) this.#files.set(name, readFileSync(path));
    }
    if (!this.#files.has("/index.html")) throw new Error(`${folder} holds no index.html`);
  }

  /** By the path of a request; undefined where there is none. */
  find(path: string): PageFile | undefined {
    const name = path === "/" ? "/index.html" : path;
    const body = this.#files.get(name);
    if (body === undefined) return undefined;
    const type = { "content-type": PAGE_FILE_TYPES[extname(name)] ?? "application/octet-stream" };
    if (name !== "/index.html") return { headers: { ...PAGE_HEADERS, ...type }, body };
    const nonce = randomBytes(18).toString("base64");
    return {
      headers: { ...pageHeaders(nonce), ...type },
      body: insertNonce(body.toString("utf8"), nonce),
    };
  }
}
