import { describe, expect, it } from "vitest";
import type { ErrorCode as Code, ErrorDetails, ErrorInfo } from "./errors.ts";
import { explainError, explainInOneLine } from "./error-words.ts";
import { ErrorCode } from "./errors.ts";

const EVERYTHING: ErrorDetails = {
  profile: "research-eu",
  endpoint: "https://minio.lab:9000",
  bucket: "models",
  key: "llama/model.bin",
  path: "/home/ada/model.bin",
  action: "s3:PutObject",
  region: "eu-central-1",
  askedRegion: "us-east-1",
  neededBytes: 55_200_000_000,
  freeBytes: 21_600_000_000,
  clockAheadSeconds: 540,
  retryAfterMs: 20_000,
  status: 503,
  cause: "SlowDown",
  requestId: "7HK2QWMT",
  count: 3,
  holder: "longhaul serve, process 4242",
};

/** What only a log may say. */
const MESSAGE = "canary: written for a log";

function info(code: Code, details: ErrorDetails = {}, message = MESSAGE): ErrorInfo {
  return { code, message, details };
}

const cases = ErrorCode.options.flatMap((code) =>
  (["upload", "download", undefined] as const).flatMap((direction) => [
    { code, direction, details: EVERYTHING, known: "everything" },
    { code, direction, details: {}, known: "nothing" },
  ]),
);

describe("the words of every error", () => {
  it.each(cases)("$code ($direction, $known is known) are whole sentences", (given) => {
    const context = given.direction === undefined ? {} : { direction: given.direction };
    const words = explainError(info(given.code, given.details), context);
    for (const text of Object.values(words)) {
      expect(text).toMatch(/^\S.*\S[.]$/);
      expect(text).not.toMatch(/undefined|null|NaN|\$\{|\[object| {2}|\.\.| [.,:]/);
      expect(text).not.toMatch(/failed to|please|oops|sorry|!/i);
      expect(text.length).toBeLessThan(200);
    }
    expect(Object.keys(words)).toEqual(expect.arrayContaining(["what", "why", "todo"]));
  });

  it("do not call something damaged on its way that was read back or reads differently", () => {
    const readBack = explainError(info("corrupt", { key: "a.bin", cause: "read-back" }));
    expect(readBack.what).toBe("a.bin is other bytes than were moved.");
    expect(readBack.doing).toBe("It is left where it is.");
    const unstable = explainError(info("disk-failed", { path: "/a", cause: "unstable-read" }));
    expect(unstable.what).toBe("/a reads differently every time.");
  });

  it("show a log's message only where it was written for people", () => {
    const showing = ErrorCode.options.filter((code) =>
      JSON.stringify(explainError(info(code))).includes("written for a log"),
    );
    expect(showing).toEqual([
      "invalid",
      "unsupported",
      "path-denied",
      "path-unsafe",
      "bad-archive",
    ]);
  });

  it("never show a request id or the scheme of an endpoint", () => {
    for (const code of ErrorCode.options) {
      const text = JSON.stringify(explainError(info(code, EVERYTHING)));
      expect(text).not.toContain("7HK2QWMT");
      expect(text).not.toContain("https://");
    }
  });
});

type Told = { code: Code; details: ErrorDetails; what: string; why: string; todo: string };

/** What a newcomer meets on the first day, word for word. */
const NEWCOMER: readonly (readonly [title: string, told: Told])[] = [
  [
    "a wrong access key",
    {
      code: "credentials-wrong",
      details: { endpoint: "https://s3.lab", profile: "lab", cause: "InvalidAccessKeyId" },
      what: "s3.lab does not accept the keys of lab.",
      why: "It does not know the access key ID.",
      todo: "Enter both keys again as the provider shows them, and check that they belong to this endpoint.",
    },
  ],
  [
    "a wrong secret",
    {
      code: "credentials-wrong",
      details: { endpoint: "https://s3.lab", profile: "lab", cause: "SignatureDoesNotMatch" },
      what: "s3.lab does not accept the keys of lab.",
      why: "The secret access key is not the one of this access key ID.",
      todo: "Enter both keys again as the provider shows them, and check that they belong to this endpoint.",
    },
  ],
  [
    "a wrong region",
    {
      code: "wrong-region",
      details: {
        bucket: "models",
        region: "eu-central-1",
        askedRegion: "us-east-1",
        profile: "lab",
      },
      what: "The bucket models lives in eu-central-1, and lab says us-east-1.",
      why: "A request signed for one region does not count in another.",
      todo: "Set the region to eu-central-1.",
    },
  ],
  [
    "no such bucket",
    {
      code: "bucket-missing",
      details: { bucket: "modles", endpoint: "http://127.0.0.1:9000" },
      what: "There is no bucket modles at 127.0.0.1:9000.",
      why: "It was deleted, or its name or the endpoint is written differently.",
      todo: "Check the name and the endpoint, or create the bucket there first.",
    },
  ],
  [
    "an endpoint that refuses",
    {
      code: "unreachable",
      details: { endpoint: "http://127.0.0.1:9000", cause: "ECONNREFUSED" },
      what: "127.0.0.1:9000 does not answer.",
      why: "Its computer is there, but nothing listens at that port, or a firewall refuses.",
      todo: "Check the address and port of the endpoint, and the network.",
    },
  ],
  [
    "an unknown host",
    {
      code: "unknown-host",
      details: { endpoint: "https://minoi.lab:9000", cause: "ENOTFOUND" },
      what: "No server is known by the name minoi.lab.",
      why: "The name is misspelled, or only known in another network, or this computer is offline.",
      todo: "Check the spelling of the endpoint and the network, a VPN perhaps.",
    },
  ],
  [
    "a clock that is off",
    {
      code: "clock-skewed",
      details: { endpoint: "https://s3.lab", clockAheadSeconds: 540 },
      what: "This computer's clock is 9 min ahead.",
      why: "s3.lab refuses signatures whose time is far from its own: 15 minutes are usual.",
      todo: "Set the clock, best by the network, then try again.",
    },
  ],
  [
    "no permission",
    {
      code: "access-denied",
      details: { profile: "lab", bucket: "models", action: "s3:PutObject" },
      what: "lab may not write to the bucket models (s3:PutObject).",
      why: "The keys are right, but the permission is missing.",
      todo: "Ask whoever runs the bucket for s3:PutObject, or choose another bucket or profile.",
    },
  ],
  [
    "a full disk",
    {
      code: "disk-full",
      details: {
        path: "/home/ada/Models",
        neededBytes: 55_200_000_000,
        freeBytes: 21_600_000_000,
      },
      what: "Not enough space on the disk of /home/ada/Models: 55.2 GB to go, 21.6 GB can be used.",
      why: "The disk is full, or other transfers have reserved what is free.",
      todo: "Free up space, or choose a folder on another disk.",
    },
  ],
  [
    "a file that vanished",
    {
      code: "path-missing",
      details: { path: "/home/ada/model.bin", cause: "ENOENT" },
      what: "There is no file or folder /home/ada/model.bin.",
      why: "It was moved, renamed or deleted, its name is written differently, or its disk is not connected.",
      todo: "Check the name or bring it back, then try again, or choose another.",
    },
  ],
];

describe("what a newcomer reads", () => {
  it.each(NEWCOMER)("%s", (_title, { code, details, ...words }) => {
    expect(explainError(info(code, details))).toMatchObject(words);
  });
});

describe("explainError", () => {
  it("says what a file was to be used for", () => {
    const denied = info("path-denied", { path: "/m/x", cause: "EACCES" });
    expect(explainError(denied, { direction: "upload" }).what).toBe("This user may not read /m/x.");
    expect(explainError(denied, { direction: "download" }).what).toBe(
      "This user may not write to /m/x.",
    );
  });

  it("says why a sync deletes nothing", () => {
    const empty = info("conflict", { cause: "empty-source" }, "nothing is at /tree");
    expect(explainError(empty)).toMatchObject({
      what: "Nothing is at /tree.",
      todo: expect.stringContaining("--allow-empty"),
    });
    const more = info("conflict", { cause: "more-deletes" }, "9 would be deleted");
    expect(explainError(more).todo).toContain("look at what would be deleted now");
  });

  it("says on which side something is in the way", () => {
    const upload = explainError(info("conflict", { key: "t/x" }), { direction: "upload" });
    const download = explainError(info("conflict", { path: "/m/x", key: "t/x" }), {
      direction: "download",
    });
    expect(upload.what).toBe("t/x is in the bucket already, and differs.");
    expect(download.what).toBe("/m/x is there already, and differs.");
  });

  it.each([
    ["s3:ListAllMyBuckets", "lab may not list the buckets (s3:ListAllMyBuckets)."],
    ["s3:ListBucket", "lab may not list the bucket models (s3:ListBucket)."],
    ["s3:GetObject", "lab may not read a/b (s3:GetObject)."],
    ["s3:DeleteObject", "lab may not delete in the bucket models (s3:DeleteObject)."],
    [
      "s3:AbortMultipartUpload",
      "lab may not write to the bucket models (s3:AbortMultipartUpload).",
    ],
  ])("names the permission that is missing: %s", (action, what) => {
    const details = { profile: "lab", bucket: "models", key: "a/b", action };
    expect(explainError(info("access-denied", details)).what).toBe(what);
  });

  it.each([
    [-7500, "This computer's clock is 2 h 5 min behind."],
    [20, "This computer's clock is 1 min ahead."],
  ])("says how far a clock is off: %i s", (clockAheadSeconds, what) => {
    expect(explainError(info("clock-skewed", { clockAheadSeconds })).what).toBe(what);
  });
});

describe("explainError, from a log's message and from numbers", () => {
  it("says why the keys of a file are not used", () => {
    const words = explainError(
      info("credentials-missing", { path: "/h/secrets.json" }, "other users can read it"),
    );
    expect(words).toMatchObject({
      what: "The keys in /h/secrets.json are not used.",
      why: "Other users can read it.",
    });
  });

  it("makes a sentence of a log's phrase, and leaves a sentence as it is", () => {
    expect(explainError(info("invalid", {}, "the prefix is too long")).what).toBe(
      "The prefix is too long.",
    );
    expect(explainError(info("unsupported", {}, "Not on NFS.")).what).toBe("Not on NFS.");
    expect(explainError(info("invalid", {}, " ")).what).toBe("Something is not as it should be.");
  });

  it("counts what failed", () => {
    expect(explainError(info("items-failed", { count: 1 })).what).toBe("1 file failed.");
    expect(explainError(info("items-failed", { count: 12 })).what).toBe("12 files failed.");
  });

  it("says how long the server asked to wait", () => {
    expect(explainError(info("throttled", { retryAfterMs: 20_000 })).doing).toBe(
      "Longhaul waits 20 s and asks for less at a time.",
    );
  });
});

describe("explainInOneLine", () => {
  it("says what and why", () => {
    expect(explainInOneLine(info("canceled"))).toBe(
      "It was canceled. Somebody ended it before all was moved.",
    );
  });
});
