import { createHash, X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates } from "node:tls";
import type { ConnectionOptions, SecureContext, TLSSocket } from "node:tls";
import { LonghaulError } from "#shared/errors.ts";
import type { Route } from "./route.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reading a hundred authorities costs milliseconds: once for each set of them. */
const contexts = new Map<string, SecureContext>();
const MOST_CONTEXTS = 20;

/** What of a TLS connection's options says whom to believe. */
export function trustOptions({ ca, pinnedSha256 }: Route): ConnectionOptions {
  // The pin is compared once the certificate is here: nothing is sent before.
  if (pinnedSha256 !== null) return { rejectUnauthorized: false };
  return ca === null ? {} : { secureContext: contextWith(ca) };
}

/** The error of a certificate that is not the pinned one; null where all is well. */
export function pinError({ pinnedSha256 }: Route, socket: TLSSocket): Error | null {
  if (pinnedSha256 === null) return null;
  const raw = socket.getPeerX509Certificate()?.raw;
  const found = raw === undefined ? "none" : createHash("sha256").update(raw).digest("hex");
  if (found === pinnedSha256) return null;
  return Object.assign(new Error("another certificate than the pinned one"), {
    code: "CERT_NOT_PINNED",
  });
}

/**
 * The certificates of a PEM file.
 *
 * @throws {LonghaulError} `invalid` where there is none, or one that cannot be read.
 */
export function checkPem(text: string, path: string): string {
  const found = text.match(CERTIFICATE) ?? [];
  try {
    for (const pem of found) void new X509Certificate(pem).fingerprint256;
    if (found.length > 0) return found.join("\n");
  } catch {
    // Said below.
  }
  throw new LonghaulError("invalid", `${path} holds no certificates in PEM form`, {
    details: { path },
  });
}

function contextWith(ca: string): SecureContext {
  const known = contexts.get(ca);
  if (known !== undefined) return known;
  const context = createSecureContext({ ca: [...getCACertificates("default"), ca] });
  if (contexts.size >= MOST_CONTEXTS) contexts.clear();
  contexts.set(ca, context);
  return context;
}
