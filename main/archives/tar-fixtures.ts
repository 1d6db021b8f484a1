/** Builds tars byte by byte, the wrong ones too. */

type HeaderFields = {
  readonly name: string | Buffer;
  readonly type?: string;
  readonly size?: number;
  /** In place of the octal size: 12 bytes. */
  readonly rawSize?: Buffer;
  readonly mode?: number;
  readonly mtimeSeconds?: number;
  readonly target?: string | Buffer;
  readonly prefix?: string;
  /** `ustar\0` and version, GNU's, or none. */
  readonly magic?: "ustar" | "gnu" | "v7";
  /** Added to the right checksum. */
  readonly wrongBy?: number;
};

const MAGIC = { ustar: "ustar\x0000", gnu: "ustar  \0", v7: "\0\0\0\0\0\0\0\0" } as const;

export function tarHeader(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  const text = (value: string | Buffer, at: number, length: number) =>
    Buffer.from(value).copy(block, at, 0, length);
  text(fields.name, 0, 100);
  octal(fields.mode ?? 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(fields.size ?? 0, 124, 12);
  fields.rawSize?.copy(block, 124);
  octal(fields.mtimeSeconds ?? 1_700_000_000, 136, 12);
  text(fields.type ?? "0", 156, 1);
  text(fields.target ?? "", 157, 100);
  text(MAGIC[fields.magic ?? "ustar"], 257, 8);
  text(fields.prefix ?? "", 345, 155);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0) + (fields.wrongBy ?? 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

export function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A header with its content; a `size` of its own is a lie. */
export function tarEntry(
  name: string | Buffer,
  content = "",
  fields: Partial<HeaderFields> = {},
): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([tarHeader({ name, size: bytes.length, ...fields }), padded(bytes)]);
}

export function tarFolder(name: string): Buffer {
  return tarHeader({ name, type: "5", mode: 0o755 });
}

export function tarLink(name: string, target: string, type: "1" | "2" = "2"): Buffer {
  return tarHeader({ name, type, target });
}

/** `LENGTH KEY=VALUE\n`, whose length counts itself. */
export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length += 1;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** A header about the next entry, or about all that follow. */
export function paxHeader(records: readonly Buffer[], type: "x" | "g" = "x"): Buffer {
  return tarMeta(Buffer.concat(records), type);
}

export function tarMeta(body: Buffer, type: string, fields: Partial<HeaderFields> = {}): Buffer {
  const name = type === "L" || type === "K" ? "././@LongLink" : "PaxHeader/x";
  return Buffer.concat([tarHeader({ name, type, size: body.length, ...fields }), padded(body)]);
}

export const TAR_END = Buffer.alloc(1024);

export function tar(...entries: readonly Buffer[]): Buffer {
  return Buffer.concat([...entries, TAR_END]);
}

/** A size in base 256. */
export function base256(size: bigint): Buffer {
  const field = Buffer.alloc(12);
  field.writeBigUInt64BE(size, 4);
  field[0] = 0x80;
  return field;
}
