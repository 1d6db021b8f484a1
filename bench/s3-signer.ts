import { createHash, createHmac } from "node:crypto";
import type { Hash, Hmac } from "node:crypto";

import { SignatureV4 } from "@smithy/signature-v4";

import type { SandboxAddress } from "./sandbox-child.ts";

export type Order = {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the payload, in hex. */
  readonly sha256: string;
};

export type SignedOrder = {
  readonly method: Order["method"];
  /** With the query. */
  readonly path: string;
  readonly headers: Record<string, string>;
};

export const EMPTY_SHA256 = createHash("sha256").digest("hex");

/** Signs orders as an S3 client does: SigV4 in the Authorization header, payload digest signed. */
export function createSigner(address: SandboxAddress): (order: Order) => Promise<SignedOrder> {
  const url = new URL(address.endpoint);
  const signer = signerOf(address);
  return async (order) => {
    const query = { ...order.query };
    const signed = await signer.sign({
      method: order.method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: order.path,
      query,
      headers: { ...order.headers, host: url.host, "x-amz-content-sha256": order.sha256 },
    });
    const search = new URLSearchParams(query).toString();
    const path = search === "" ? order.path : `${order.path}?${search}`;
    return { method: order.method, path, headers: signed.headers };
  };
}

/** An address that carries its signature for an hour. */
export async function presign(
  address: SandboxAddress,
  method: Order["method"],
  path: string,
): Promise<string> {
  const { protocol, hostname, port, host, origin } = new URL(address.endpoint);
  const headers = { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const request = { method, protocol, hostname, port: Number(port), path, query: {}, headers };
  const signed = await signerOf(address).presign(request, {
    expiresIn: 3600,
    unsignableHeaders: new Set(["x-amz-content-sha256"]),
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(signed.query ?? {})) query.set(name, String(value));
  return `${origin}${path}?${query.toString()}`;
}

function signerOf(address: SandboxAddress): SignatureV4 {
  return new SignatureV4({
    service: "s3",
    region: address.region,
    credentials: address,
    sha256: NodeSha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
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
