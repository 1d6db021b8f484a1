import { isUtf8 } from "node:buffer";
import { badArchive, unsupportedArchive } from "./bad-archive.ts";

/** What a PAX header says that matters here. */
export type PaxRecords = {
  readonly path?: string;
  readonly linkpath?: string;
  readonly sizeBytes?: number;
};

/**
 * Reads `LENGTH KEY=VALUE\n`, again and again. Lengths must fit and nothing may be said twice: what
 * one program takes and another leaves is how entries are hidden.
 *
 * @throws {LonghaulError} `bad-archive`; `unsupported` for files with holes.
 */
export function readPaxRecords(body: Buffer, kind: "pax" | "global-pax"): PaxRecords {
  const records = new Map<string, string>();
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const digits = space === -1 ? "" : body.toString("latin1", at, space);
    const end = at + Number(digits);
    const isWhole = /^[1-9]\d{0,6}$/u.test(digits) && end <= body.length && body[end - 1] === 0x0a;
    const record = body.subarray(space + 1, end - 1);
    const equals = record.indexOf(0x3d);
    if (!isWhole || equals < 1)
      throw badArchive("is damaged: attributes of an entry cannot be read");
    addRecord(records, record.toString("latin1", 0, equals), record.subarray(equals + 1));
    at = end;
  }
  return toRecords(records, kind);
}

function addRecord(records: Map<string, string>, key: string, value: Buffer): void {
  if (key.startsWith("GNU.sparse.")) {
    throw unsupportedArchive("the archive has files with holes, which are not unpacked");
  }
  if (!["path", "linkpath", "size"].includes(key)) return;
  if (records.has(key)) throw badArchive(`gives an entry two values of ${key}`);
  if (!isUtf8(value) || value.includes(0)) throw badArchive("has a name that is no text");
  records.set(key, value.toString());
}

function toRecords(records: Map<string, string>, kind: "pax" | "global-pax"): PaxRecords {
  if (kind === "global-pax" && records.size > 0) {
    throw badArchive("gives all of its entries the same name or size");
  }
  const [path, linkpath, size] = ["path", "linkpath", "size"].map((key) => records.get(key));
  if (size !== undefined && !/^\d{1,15}$/u.test(size)) {
    throw badArchive("gives an entry a size that is no number of bytes");
  }
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { linkpath }),
    ...(size === undefined ? {} : { sizeBytes: Number(size) }),
  };
}
