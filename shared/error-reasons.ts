/** Reasons by the server's or the system's own code, where one says more than the error's code does. */
type Reasons = Readonly<Record<string, string>>;

export const WHY_WRONG_KEYS: Reasons = {
  InvalidAccessKeyId: "It does not know the access key ID.",
  SignatureDoesNotMatch: "The secret access key is not the one of this access key ID.",
  InvalidToken: "The session token does not belong to these keys.",
  InvalidSecurity: "It does not know the access key ID.",
  NotSignedUp: "Their account is not signed up for S3 there.",
};

export const WHY_DENIED: Reasons = {
  EACCES: "The permissions of the file, or of a folder above it, do not allow it.",
  EPERM: "The system does not allow it to this user.",
  EROFS: "It is on a disk that can only be read.",
};

const CUT = "The connection was cut, by the server or on the way to it.";
const SILENT = "Nothing came back in time: the server is off, or a firewall drops the requests.";

export const WHY_UNREACHABLE: Reasons = {
  "proxy unknown": "This computer did not say in time which proxy leads there.",
  "proxy closed": "It is the proxy: it closed the connection before it opened a way.",
  "proxy 502": "It is the proxy: it cannot reach the endpoint.",
  "proxy 503": "It is the proxy: it can serve nobody at the moment.",
  "proxy 504": "It is the proxy: the endpoint does not answer it.",
  ECONNREFUSED: "Its computer is there, but nothing listens at that port, or a firewall refuses.",
  ECONNRESET: CUT,
  EPIPE: CUT,
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: "There is no way to its network from here, a VPN may be missing.",
  ENETUNREACH: "This computer has no network, or none that leads there.",
  ENETDOWN: "The network of this computer is off.",
};

export const WHY_NOT_S3: Reasons = {
  ERR_SSL_WRONG_VERSION_NUMBER:
    "It does not speak TLS at that port: the endpoint may be http, not https.",
};

const SELF_SIGNED = "It is signed by itself, not by an authority that this computer knows.";

/** Why a second process cannot work with the one that has the home. */
export const WHY_APART: Reasons = {
  version: "It is of another version than this one, and the two cannot work together.",
  silent: "It does not answer; it may be stopped, or under a debugger.",
};

export const WHY_UNTRUSTED: Reasons = {
  CERT_HAS_EXPIRED: "It has expired; the clock of this computer may also be wrong.",
  CERT_NOT_YET_VALID: "It is not valid yet; the clock of this computer may be wrong.",
  ERR_TLS_CERT_ALTNAME_INVALID: "It is for another name: the address may be wrong.",
  HOSTNAME_MISMATCH: "It is for another name: the address may be wrong.",
  CERT_NOT_PINNED: "The profile names one certificate, and this is another.",
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
};

/** Of a `conflict` about the cache, by its cause. */
export const CACHE_CONFLICTS: Readonly<
  Record<string, { readonly what: string; readonly why: string; readonly todo: string }>
> = {
  "cache-plan": {
    what: "The copies that would be deleted are others than were shown.",
    why: "Something was fetched, used or pinned meanwhile, so nothing was deleted.",
    todo: "Look at the list again.",
  },
  "cache-busy": {
    what: "The cache is being verified or repaired already.",
    why: "There is one such work at a time.",
    todo: "Wait for its end, or stop it.",
  },
};
