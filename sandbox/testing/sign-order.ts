import { createHash, createHmac } from "node:crypto";
import type { Hash, Hmac } from "node:crypto";

import { SignatureV4 } from "@smithy/signature-v4";

import type { Keys } from "../auth/authenticate.ts";

export type Order = {
  readonly method: string;
  /** Escaped, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
};

export type Signing = {
  readonly port: number;
  readonly keys: Keys;
  readonly region?: string;
  readonly nowMs?: number;
  /** Presigned for so long; in the Authorization header without it. */
  readonly expiresSeconds?: number;
};

/** Signs as an S3 client does, with AWS's own signer; headers already given win. */
export async function signOrder(order: Order, signing: Signing): Promise<Order> {
  const { port, keys, region = "us-east-1", nowMs = Date.now(), expiresSeconds } = signing;
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: keys,
    sha256: NodeSha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const [path = "", search = ""] = order.path.split(/\?(.*)/s);
  const payloadHash = createHash("sha256")
    .update(order.body ?? "")
    .digest("hex");
  const request = {
    method: order.method,
    protocol: "http:",
    hostname: "127.0.0.1",
    port,
    path,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: {
      host: `127.0.0.1:${port}`,
      "x-amz-content-sha256": expiresSeconds === undefined ? payloadHash : "UNSIGNED-PAYLOAD",
      ...order.headers,
    },
  };
  const signingDate = new Date(nowMs);
  const signed =
    expiresSeconds === undefined
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn: expiresSeconds });
  const query = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return {
    ...order,
    path: query.length === 0 ? path : `${path}?${query.join("&")}`,
    headers: signed.headers,
  };
}

/** The hash that the signer asks for, on node:crypto. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash("sha256");
    else this.#hash = createHmac("sha256", bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new Error("One hash serves one digest.");
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
