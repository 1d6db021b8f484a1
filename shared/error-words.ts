import type { ErrorCode, ErrorDetails, ErrorInfo } from "./errors.ts";
import type { Direction } from "./transfer.ts";
import { diskFailed, heldByOther, isHeld } from "./disk-words.ts";
import {
  bucketOf,
  capital,
  clockOffsetOf,
  deedOf,
  holderOf,
  hostOf,
  keysOf,
  objectOf,
  pathOf,
  profileOf,
  sentence,
  serverOf,
  spaceOf,
} from "./error-phrases.ts";
import { formatDuration } from "./format.ts";
import { EMPTY_SOURCE, MORE_DELETES } from "./sync.ts";
import {
  CACHE_CONFLICTS,
  WHY_APART,
  WHY_DENIED,
  WHY_NOT_S3,
  WHY_UNREACHABLE,
  WHY_UNTRUSTED,
  WHY_WRONG_KEYS,
} from "./error-reasons.ts";

/** An error for people, each in whole sentences: what is the case, why, what Longhaul does, what to do. */
export type ErrorWords = {
  readonly what: string;
  readonly why: string;
  /** Absent where Longhaul does nothing about it by itself. */
  readonly doing?: string;
  readonly todo: string;
};

export type ErrorContext = {
  /** Of the transfer it happened in: a file is read for an upload and written for a download. */
  readonly direction?: Direction;
};

/** Says an error in words. Pure; what `details` does not hold is said in general. */
export function explainError(info: ErrorInfo, context: ErrorContext = {}): ErrorWords {
  return WORDS[info.code](info.details, { ...context, message: info.message });
}

/** What and why, for a line of a list. */
export function explainInOneLine(info: ErrorInfo, context: ErrorContext = {}): string {
  const { what, why } = explainError(info, context);
  return `${what} ${why}`;
}

type Explain = (
  details: ErrorDetails,
  context: ErrorContext & { readonly message: string },
) => ErrorWords;

const TRIES_AGAIN = "Longhaul tries again by itself, and keeps what was moved.";

/** A new code does not compile until it has words. */
const WORDS: Readonly<Record<ErrorCode, Explain>> = {
  invalid: (_, { message }) => ({
    what: sentence(message),
    why: "It cannot be done as it was asked for, and nothing was changed.",
    todo: "Correct it and start it again.",
  }),
  unsupported: (_, { message }) => ({
    what: sentence(message),
    why: "It is not possible here, and nothing was changed.",
    todo: "Choose another way or another place.",
  }),
  "path-missing": (d) => ({
    what: `There is no file or folder ${d.path ?? "of this name"}.`,
    why: "It was moved, renamed or deleted, its name is written differently, or its disk is not connected.",
    todo: "Check the name or bring it back, then try again, or choose another.",
  }),
  "path-denied": (d, { direction, message }) =>
    isHeld(d)
      ? heldByOther(d)
      : {
          what: `This user may not ${USE[direction ?? "either"]} ${pathOf(d)}.`,
          why: WHY_DENIED[d.cause ?? ""] ?? sentence(message),
          todo: "Change its permissions, or choose another place.",
        },
  "path-unsafe": (d, { message }) => ({
    what: d.key === undefined ? sentence(message) : `The name ${d.key} cannot be a file here.`,
    why: "A name from a bucket must stay inside the chosen folder, and links and devices are not written through.",
    todo: "Rename the object, or fetch it alone under another name.",
  }),
  "folder-missing": (d) => ({
    what: `The folder ${d.path ?? "of this transfer"} is not there.`,
    why: "It was moved, renamed or deleted, or its disk is not connected.",
    doing: "What was moved is kept.",
    todo: "Bring it back, or choose another folder.",
  }),
  "folder-denied": (d) => ({
    what: `Nothing can be written into ${d.path ?? "this folder"}.`,
    why: WHY_DENIED[d.cause ?? ""] ?? "Its permissions do not allow it.",
    doing: "What was moved is kept.",
    todo: "Make the folder or its disk writable, or choose another one.",
  }),
  "disk-full": (d) => ({
    what: `Not enough space on the disk of ${d.path ?? "this folder"}${spaceOf(d)}.`,
    why: "The disk is full, or other transfers have reserved what is free.",
    doing: "What was moved is kept.",
    todo: "Free up space, or choose a folder on another disk.",
  }),
  "disk-failed": diskFailed,
  "source-changed": (d) =>
    d.cause === "dropped"
      ? {
          what: `${capital(pathOf(d))} changed after it was dropped, or could not be read any more.`,
          why: "The page may only send it as it was then, and two versions must not be mixed.",
          doing: "Nothing of it was put in the bucket.",
          todo: "Drop it again.",
        }
      : {
          what: `${capital(pathOf(d))} changed while it was being sent.`,
          why: "Its size or time is no longer as it was at the start, and two versions must not be mixed.",
          doing: "Nothing of it was put in the bucket.",
          todo: "Wait until nothing writes to it, then try again: it is sent as it is then.",
        },
  "profile-missing": (d) => ({
    what: `There is no profile ${d.profile ?? "of this name"}.`,
    why: "It was removed, or its name is written differently.",
    todo: "Choose another profile, or add one of this name.",
  }),
  "credentials-missing": (d, { message }) =>
    d.path === undefined
      ? {
          what: `There are no keys for ${profileOf(d)}.`,
          why: "No secret access key is kept for it here, and the place it names has none.",
          todo: "Enter the keys in the profile, name a profile of ~/.aws, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        }
      : {
          what: `The keys in ${d.path} are not used.`,
          why: sentence(message),
          todo: "Correct that and try again, or use a profile of ~/.aws or the AWS environment variables.",
        },
  "credentials-wrong": (d) => ({
    what: `${capital(serverOf(d))} does not accept ${keysOf(d)}.`,
    why: WHY_WRONG_KEYS[d.cause ?? ""] ?? "The access key ID or the secret access key is wrong.",
    todo: "Enter both keys again as the provider shows them, and check that they belong to this endpoint.",
  }),
  "credentials-expired": (d) => ({
    what: `The sign-in of ${profileOf(d)} has ended.`,
    why: "Its keys are temporary, and their time is over.",
    doing: "What was moved is kept.",
    todo: "Sign in again (aws sso login) or enter new keys, then resume.",
  }),
  "access-denied": (d) => ({
    what: `${capital(holderOf(d))} may not ${deedOf(d)}.`,
    why:
      d.action === "s3:GetObject"
        ? "The keys are right, but the permission is missing; without s3:ListBucket an object that is not there is refused just so."
        : "The keys are right, but the permission is missing.",
    todo: `Ask whoever runs the bucket for ${d.action ?? "it"}, or choose another bucket or profile.`,
  }),
  "clock-skewed": (d) => ({
    what: `This computer's clock is ${clockOffsetOf(d)}.`,
    why: `${capital(serverOf(d))} refuses signatures whose time is far from its own: 15 minutes are usual.`,
    todo: "Set the clock, best by the network, then try again.",
  }),
  "wrong-region": (d) => ({
    what: `${capital(bucketOf(d))} lives in ${d.region ?? "another region"}${d.askedRegion === undefined ? "" : `, and ${profileOf(d)} says ${d.askedRegion}`}.`,
    why: "A request signed for one region does not count in another.",
    todo: `Set the region to ${d.region ?? "the one the bucket lives in"}.`,
  }),
  "bucket-missing": (d) => ({
    what: `There is no ${bucketOf(d).replace(/^the /, "")} at ${serverOf(d)}.`,
    why: "It was deleted, or its name or the endpoint is written differently.",
    todo: "Check the name and the endpoint, or create the bucket there first.",
  }),
  "object-missing": (d) => ({
    what:
      d.key?.endsWith("/") === true
        ? `Nothing is below ${d.key} in ${bucketOf(d)}.`
        : `There is no object ${d.key ?? "of this name"} in ${bucketOf(d)}.`,
    why: "It was deleted or renamed, or the name is written differently: capitals count, and a folder ends in /.",
    todo: "List the bucket and choose again.",
  }),
  "object-changed": (d) => ({
    what: `${capital(objectOf(d))} was replaced in the bucket while it was being fetched.`,
    why: "It is no longer the version that this transfer began with, and two versions must not be mixed.",
    todo: "Try again: the new version is fetched from its start.",
  }),
  archived: ({ cause, ...d }) =>
    cause === "Restoring"
      ? {
          what: `${capital(objectOf(d))} is being restored from an archive.`,
          why: "It can be read when that is over, which takes minutes to two days.",
          todo: "Try again then: what is done stays done.",
        }
      : {
          what: `${capital(objectOf(d))} is in an archive${cause === undefined || cause === "InvalidObjectState" ? "" : ` (${cause})`}.`,
          why: "An object of its storage class cannot be read before it is restored, which takes minutes to two days and costs a fee.",
          todo: "Restore it in the provider's console or by aws s3api restore-object, then try again.",
        },
  "upload-gone": (d) => ({
    what: `The unfinished upload${d.key === undefined ? "" : ` of ${d.key}`} is no longer at ${serverOf(d)}.`,
    why:
      d.cause === "PartLimits"
        ? "The server takes other numbers or sizes of parts, and refused them however the file was cut."
        : "Somebody ended it there; many buckets delete unfinished uploads after some days.",
    todo: "Try again: this file is sent from its start.",
  }),
  conflict: (d, { direction, message }) =>
    CACHE_CONFLICTS[d.cause ?? ""] ??
    ofSync(d.cause, message) ?? {
      what:
        direction === "download" || d.key === undefined
          ? `${capital(pathOf(d))} is there already, and differs.`
          : `${d.key} is in the bucket already, and differs.`,
      why: "Nothing is replaced without an answer.",
      todo: "Replace it, keep both, or skip it; on the command line --on-conflict answers ahead.",
    },
  "unknown-host": (d) => ({
    what: `No server is known by the name ${hostOf(d)}.`,
    why: "The name is misspelled, or only known in another network, or this computer is offline.",
    doing: TRIES_AGAIN,
    todo: "Check the spelling of the endpoint and the network, a VPN perhaps.",
  }),
  unreachable: (d) => ({
    what: `${capital(serverOf(d))} does not answer.`,
    why:
      WHY_UNREACHABLE[d.cause ?? ""] ??
      "The server is off, or the way to it is blocked: network, VPN, firewall or proxy.",
    doing: TRIES_AGAIN,
    todo: "Check the address and port of the endpoint, and the network.",
  }),
  "untrusted-certificate": (d) => ({
    what: `This computer does not trust the certificate of ${serverOf(d)}.`,
    why:
      WHY_UNTRUSTED[d.cause ?? ""] ??
      "It is signed by an authority that this computer does not know.",
    todo: "Check the address; a company's own authority is added in Settings, Network, or by AWS_CA_BUNDLE.",
  }),
  "proxy-refused": (d) => ({
    what: `The proxy ${serverOf(d)} lets nothing through.`,
    why:
      d.status === 407
        ? "It asks for a user name and password, and has none, or others than it knows."
        : "It forbids the way to this endpoint.",
    todo: "Set user name and password in Settings, Network, or in HTTPS_PROXY; or name the endpoint in NO_PROXY to go past it.",
  }),
  throttled: (d) => ({
    what: `${capital(serverOf(d))} asks to slow down.`,
    why: "It gets more requests than it takes at the moment.",
    doing: `Longhaul waits${d.retryAfterMs === undefined ? "" : ` ${formatDuration(d.retryAfterMs / 1000)}`} and asks for less at a time.`,
    todo: "Nothing has to be done; if it stays so, fewer connections help.",
  }),
  "server-failed": (d) => ({
    what: `${capital(serverOf(d))} has an error of its own${d.status === undefined ? "" : `: ${d.status}${d.cause === undefined ? "" : ` ${d.cause}`}`}.`,
    why: "The request was right, and the server could not carry it out.",
    doing: TRIES_AGAIN,
    todo: "If it stays so, ask whoever runs the server.",
  }),
  protocol: (d) => ({
    what: `${capital(serverOf(d))} does not answer as an S3 store does.`,
    why:
      WHY_NOT_S3[d.cause ?? ""] ??
      "Something else may answer there: a console, a proxy, or the sign-in page of a network.",
    todo: "Check the address and port of the endpoint: the one for S3, not for a console.",
  }),
  corrupt: (d) =>
    d.cause === "read-back"
      ? {
          what: `${capital(d.key ?? d.path ?? "some of the data")} is other bytes than were moved.`,
          why: "It was read back after it was in place, and compared: it is not the same.",
          doing: "It is left where it is.",
          todo: "Do not use it. Test the disk and the memory, then move it again and replace it.",
        }
      : {
          what: `${capital(d.key ?? d.path ?? "some of the data")} was damaged on its way.`,
          why: "What arrived does not have the checksum of what was sent.",
          doing: "Nothing damaged is kept or put in place.",
          todo: "Try again. If it comes back, test the memory, the disk and the network of this computer.",
        },
  "bad-archive": (d, { message }) => ({
    what: `${capital(d.path ?? "the archive")} is not unpacked.`,
    why: sentence(message),
    doing: "Nothing of it was put in place, and the archive itself is kept.",
    todo: "Have it made anew, or unpack it by other means if you trust whoever made it.",
  }),
  "items-failed": ({ count }) => ({
    what: count === 1 ? "1 file failed." : `${count ?? "Some"} files failed.`,
    why: "Each has its own reason beside its name; all others are done.",
    todo: "See to those, then try again: what is done stays done.",
  }),
  locked: ({ holder, path, cause }) => ({
    what: `Longhaul is running already${holder === undefined ? "" : `: ${holder}`}.`,
    why:
      WHY_APART[cause ?? ""] ??
      `Only one at a time can work on the transfers in ${path ?? "one home"}.`,
    todo: "Use that one, or end it first, or set LONGHAUL_HOME to another folder.",
  }),
  canceled: () => ({
    what: "It was canceled.",
    why: "Somebody ended it before all was moved.",
    todo: "Start it again; parts that were kept are not moved twice.",
  }),
  internal: () => ({
    what: "Longhaul made a mistake.",
    why: "This is an error in the program, not in your files or your settings.",
    todo: "Try again; if it comes back, report it with the log.",
  }),
};

const USE: Readonly<Record<Direction | "either", string>> = {
  upload: "read",
  download: "write to",
  either: "use",
};

/** Why a sync deletes nothing; undefined where the conflict is another. */
function ofSync(cause: string | undefined, message: string): ErrorWords | undefined {
  const base = { what: sentence(message), why: "Nothing is deleted that nobody meant." };
  if (cause === EMPTY_SOURCE) {
    const todo =
      "Bring it back. If it is to be empty, say so: on the command line with --allow-empty.";
    return { ...base, todo };
  }
  if (cause !== MORE_DELETES) return undefined;
  return { ...base, todo: "Start it again, and look at what would be deleted now." };
}
