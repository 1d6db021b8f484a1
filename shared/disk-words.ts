import type { ErrorWords } from "./error-words.ts";
import type { ErrorDetails } from "./errors.ts";
import { capital, pathOf } from "./error-phrases.ts";

/** The words for failures of a disk, by the system's own code where that says more. */
export function diskFailed(details: ErrorDetails): ErrorWords {
  const path = pathOf(details);
  switch (details.cause ?? "") {
    case "unstable-read":
      return {
        what: `${capital(path)} reads differently every time.`,
        why: "Its size and time are the same, its bytes are not: the disk, its connection or the memory may be failing.",
        doing: "Nothing of it was put in the bucket.",
        todo: "Check the disk and test the memory before it is sent.",
      };
    case "EFBIG":
      return {
        what: `The disk of ${path} keeps no file of this size.`,
        why: "Its file system, or a limit of the system, ends at smaller files: FAT32 at 4 GiB.",
        todo: "Choose a folder on another disk.",
      };
    case "EMFILE":
    case "ENFILE":
      return {
        what: `${capital(path)} could not be opened: too many files are open.`,
        why: "The system lets this program, or all of them together, open no more.",
        todo: "Raise the limit (ulimit -n), or use fewer connections, then try again.",
      };
    default:
      return {
        what: `The disk does not read or write ${path}.`,
        why: `The system reports ${details.cause ?? "an error of the device"}: the disk or its connection may be failing.`,
        todo: "Check the disk and its connection, then try again.",
      };
  }
}

/** By these another program keeps a file from being opened, renamed or removed. */
export function isHeld({ cause }: ErrorDetails): boolean {
  return cause === "EBUSY" || cause === "held";
}

export function heldByOther(details: ErrorDetails): ErrorWords {
  return {
    what: `Another program holds ${pathOf(details)}.`,
    why: "A virus scanner, an indexer or whoever has it open does not let go of it.",
    doing: "What was moved is kept.",
    todo: "Close what uses it.",
  };
}
