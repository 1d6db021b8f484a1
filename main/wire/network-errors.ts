import { LonghaulError } from "#shared/errors.ts";
import type { ErrorCode } from "#shared/errors.ts";

/** Names of OpenSSL's verdicts on a certificate that do not begin with CERT_ or UNABLE_TO_. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
]);

/** What a peer that went away looks like. */
const CLOSED_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "ECONNABORTED", "EPIPE"]);

/**
 * The error of a request in Longhaul's words; everything about sockets that no rule names is
 * `unreachable`. The message holds the origin only: the rest of a URL may be a secret.
 */
export function explainNetworkError(thrown: unknown, origin: string): unknown {
  if (thrown instanceof LonghaulError) return thrown;
  const cause = networkCode(thrown);
  if (cause === null) return thrown;
  return new LonghaulError(classify(cause), `${cause} from ${origin}`, {
    details: { endpoint: origin, cause },
    cause: thrown,
  });
}

/** True when the other side closed the connection. */
export function isClosedByPeer(thrown: unknown): boolean {
  const code = networkCode(thrown);
  return code !== null && CLOSED_CODES.has(code);
}

function classify(code: string): ErrorCode {
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) return "unknown-host";
  if (CERTIFICATE_CODES.has(code) || /^(CERT_|UNABLE_TO_|CRL_)/.test(code)) {
    return "untrusted-certificate";
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return "protocol";
  // A request that cannot be sent: ours to mend.
  if (code === "ERR_INVALID_REQUEST") return "internal";
  return "unreachable";
}

function networkCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !("code" in thrown)) return null;
  return typeof thrown.code === "string" ? thrown.code : null;
}
