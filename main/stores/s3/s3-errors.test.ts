import { describe, expect, it } from "vitest";
import { isRetryable } from "#shared/errors.ts";
import type { ErrorCode } from "#shared/errors.ts";
import {
  classifyAnswer,
  clockAheadSeconds,
  isChecksumRefusal,
  isConditionRefusal,
} from "./s3-errors.ts";
import type { ErrorContext, ServerAnswer } from "./s3-errors.ts";

const CONTEXT: ErrorContext = {
  action: "s3:GetObject",
  target: "object",
  endpoint: "https://s3.example.com",
  bucket: "models",
  key: "a.bin",
  askedRegion: "us-east-1",
  localMs: Date.UTC(2026, 0, 1, 12),
};
const PUT: ErrorContext = { ...CONTEXT, action: "s3:PutObject", target: "bucket" };
const PART: ErrorContext = { ...CONTEXT, action: "s3:PutObject", target: "upload" };

function answer(status: number, body = "", headers: Record<string, string> = {}): ServerAnswer {
  return { status, headers, body: Buffer.from(body) };
}

function document(code: string, more = ""): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>${more}</Error>`;
}

describe("classifying by the server's own code", () => {
  it.each<[status: number, serverCode: string, code: ErrorCode]>([
    [403, "AccessDenied", "access-denied"],
    [403, "InvalidAccessKeyId", "credentials-wrong"],
    [403, "SignatureDoesNotMatch", "credentials-wrong"],
    [400, "ExpiredToken", "credentials-expired"],
    [401, "ExpiredTokenException", "credentials-expired"],
    [403, "RequestTimeTooSkewed", "clock-skewed"],
    [404, "NoSuchBucket", "bucket-missing"],
    [404, "NoSuchKey", "object-missing"],
    [404, "NoSuchUpload", "upload-gone"],
    [412, "PreconditionFailed", "conflict"],
    [400, "BadDigest", "corrupt"],
    [400, "XAmzContentSHA256Mismatch", "corrupt"],
    [400, "RequestTimeout", "unreachable"],
    [503, "SlowDown", "throttled"],
    [500, "InternalError", "server-failed"],
    [409, "OperationAborted", "server-failed"],
    [501, "NotImplemented", "unsupported"],
    [400, "MalformedXML", "unsupported"],
    [400, "EntityTooSmall", "unsupported"],
    [400, "KeyTooLongError", "invalid"],
    [403, "QuotaExceeded", "access-denied"],
  ])("takes %i %s for %s", (status, serverCode, code) => {
    const error = classifyAnswer(answer(status, document(serverCode)), CONTEXT);
    expect(error).toMatchObject({ code, details: { status, cause: serverCode } });
  });

  it("goes by the code even when the status lies", () => {
    expect(classifyAnswer(answer(200, document("InternalError")), PART).code).toBe("server-failed");
    expect(classifyAnswer(answer(400, document("SlowDown")), PART).code).toBe("throttled");
  });

  it("reads an error document without a declaration or inside a response", () => {
    const bare = answer(404, "<Error><Code>NoSuchBucket</Code></Error>");
    const wrapped = `<ErrorResponse xmlns="x"><Error><Code>NoSuchBucket</Code></Error></ErrorResponse>`;
    expect(classifyAnswer(bare, CONTEXT).code).toBe("bucket-missing");
    expect(classifyAnswer(answer(404, wrapped), CONTEXT).code).toBe("bucket-missing");
  });
});

describe("classifying by status, when nobody gives a reason", () => {
  it.each<[status: number, context: ErrorContext, code: ErrorCode]>([
    [401, CONTEXT, "credentials-wrong"],
    [403, CONTEXT, "access-denied"],
    [404, CONTEXT, "object-missing"],
    [404, { ...PUT, action: "s3:ListBucket" }, "bucket-missing"],
    [404, PART, "protocol"],
    [404, { ...CONTEXT, target: "account" }, "protocol"],
    [405, CONTEXT, "unsupported"],
    [408, CONTEXT, "unreachable"],
    [412, PUT, "conflict"],
    [413, PUT, "unsupported"],
    [429, CONTEXT, "throttled"],
    [500, CONTEXT, "server-failed"],
    [501, CONTEXT, "unsupported"],
    [502, CONTEXT, "server-failed"],
    [503, CONTEXT, "throttled"],
    [504, CONTEXT, "server-failed"],
    [200, CONTEXT, "protocol"],
    [302, CONTEXT, "protocol"],
    [400, CONTEXT, "protocol"],
  ])("takes a bare %i for what it most likely is", (status, context, code) => {
    expect(classifyAnswer(answer(status), context).code).toBe(code);
  });

  it.each([
    "<html><body>502 Bad Gateway</body></html>",
    '{"error":"nope"}',
    "\u0000\u0001",
    "<Err",
  ])("does not look for a reason in %j", (body) => {
    const error = classifyAnswer(answer(502, body), CONTEXT);
    expect(error).toMatchObject({ code: "server-failed" });
    expect(error.details.cause).toBeUndefined();
  });
});

describe("what an answer means to who asked", () => {
  const pinned: ErrorContext = { ...CONTEXT, isPinned: true };

  it("takes whatever is not the pinned version for a change of it", () => {
    expect(classifyAnswer(answer(412), pinned).code).toBe("object-changed");
    expect(classifyAnswer(answer(416), pinned).code).toBe("object-changed");
    expect(classifyAnswer(answer(404, document("NoSuchKey")), pinned).code).toBe("object-changed");
    expect(classifyAnswer(answer(404, document("NoSuchBucket")), pinned).code).toBe(
      "bucket-missing",
    );
  });

  it("takes a missing object for a conflict when it was to be replaced", () => {
    const replacing = { ...PUT, isReplacing: true };
    expect(classifyAnswer(answer(404, document("NoSuchKey")), replacing).code).toBe("conflict");
  });

  it("takes a missing key for a missing upload when its parts were asked for", () => {
    expect(classifyAnswer(answer(404, document("NoSuchKey")), PART).code).toBe("upload-gone");
  });

  it("lets a single PUT that met another writer try again, and ends an upload", () => {
    const conflict = answer(409, document("ConditionalRequestConflict"));
    expect(classifyAnswer(conflict, PUT).code).toBe("server-failed");
    expect(classifyAnswer(conflict, PART).code).toBe("conflict");
  });
});

describe("a bucket that lives elsewhere", () => {
  const elsewhere = {
    code: "wrong-region",
    details: { region: "eu-west-1", askedRegion: "us-east-1" },
  };

  it.each([
    answer(301, document("PermanentRedirect"), { "x-amz-bucket-region": "eu-west-1" }),
    answer(301, "", { "x-amz-bucket-region": "eu-west-1" }),
    answer(400, "", { "x-amz-bucket-region": "eu-west-1" }),
    answer(400, document("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>")),
    answer(307, document("TemporaryRedirect"), { "x-amz-bucket-region": "eu-west-1" }),
  ])("is found by header or body (%#)", (redirect) => {
    expect(classifyAnswer(redirect, CONTEXT)).toMatchObject(elsewhere);
  });

  it("is not where it was asked for, even if the server does not say where", () => {
    const error = classifyAnswer(answer(301, document("PermanentRedirect")), CONTEXT);
    expect(error).toMatchObject({ code: "wrong-region", details: { askedRegion: "us-east-1" } });
    expect(error.details.region).toBeUndefined();
  });

  it("is no reason for a refusal in the right region", () => {
    const headers = { "x-amz-bucket-region": "us-east-1" };
    expect(classifyAnswer(answer(403, "", headers), CONTEXT).code).toBe("access-denied");
    const malformed = answer(400, document("AuthorizationHeaderMalformed"), headers);
    expect(classifyAnswer(malformed, CONTEXT).code).toBe("credentials-wrong");
  });

  it("does not hide a refusal that has a reason of its own", () => {
    const headers = { "x-amz-bucket-region": "eu-west-1" };
    const denied = answer(403, document("AccessDenied"), headers);
    expect(classifyAnswer(denied, CONTEXT).code).toBe("access-denied");
  });

  it("of a new name may be here soon", () => {
    expect(classifyAnswer(answer(307, document("TemporaryRedirect")), CONTEXT).code).toBe(
      "server-failed",
    );
  });
});

describe("the details of an error", () => {
  it("say what was asked of whom", () => {
    const headers = { "x-amz-request-id": "R1" };
    const { message, details } = classifyAnswer(
      answer(403, document("AccessDenied"), headers),
      PUT,
    );
    expect(message).toBe("s3:PutObject: 403, AccessDenied");
    expect(details).toEqual({
      endpoint: "https://s3.example.com",
      bucket: "models",
      key: "a.bin",
      action: "s3:PutObject",
      status: 403,
      cause: "AccessDenied",
      requestId: "R1",
    });
  });

  it("never repeat what the document says beyond its code", () => {
    const body = document(
      "SignatureDoesNotMatch",
      "<StringToSign>AWS4 canary</StringToSign><AWSAccessKeyId>AKIACANARY</AWSAccessKeyId>" +
        "<Message>canary</Message><RequestId>R2</RequestId>",
    );
    const error = classifyAnswer(answer(403, body), CONTEXT);
    expect(error.details.requestId).toBe("R2");
    expect(JSON.stringify([error.message, error.details, error.cause])).not.toMatch(/canary/i);
  });

  it.each([
    ["2", 2000],
    ["Thu, 01 Jan 2026 12:00:07 GMT", 7000],
    ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
    ["soon", undefined],
  ])("read Retry-After %j", (value, retryAfterMs) => {
    const error = classifyAnswer(answer(503, "", { "retry-after": value }), CONTEXT);
    expect(error.details.retryAfterMs).toBe(retryAfterMs);
  });

  it("say how far a clock is off", () => {
    const headers = { date: "Thu, 01 Jan 2026 11:40:00 GMT" };
    const error = classifyAnswer(answer(403, document("RequestTimeTooSkewed"), headers), CONTEXT);
    expect(error.details.clockAheadSeconds).toBe(1200);
    expect(clockAheadSeconds(undefined, CONTEXT.localMs)).toBeNull();
  });
});

describe("whether a request is worth repeating", () => {
  it.each([
    [503, "SlowDown", true],
    [500, "InternalError", true],
    [400, "RequestTimeout", true],
    [400, "BadDigest", true],
    [403, "AccessDenied", false],
    [403, "SignatureDoesNotMatch", false],
    [404, "NoSuchKey", false],
    [400, "EntityTooSmall", false],
  ])("%i %s: %s", (status, serverCode, expected) => {
    const error = classifyAnswer(answer(status, document(serverCode)), CONTEXT);
    expect(isRetryable(error.code)).toBe(expected);
  });
});

describe("a refusal of conditions", () => {
  const named = "<Message>A header you provided</Message><Header>If-None-Match</Header>";

  it.each([
    [501, document("NotImplemented", named), true, false],
    [501, document("NotImplemented", "<Message>A header you provided</Message>"), true, true],
    [
      400,
      document("InvalidArgument", "<Message>Unsupported header If-Match</Message>"),
      true,
      false,
    ],
    [412, document("PreconditionFailed", "<Condition>If-None-Match</Condition>"), false, false],
    [400, document("EntityTooSmall", "<Message>too small</Message>"), false, false],
    [501, "", false, false],
  ])("%i %s: %s, and of checksums: %s", (status, body, isCondition, isChecksum) => {
    expect(isConditionRefusal(answer(status, body))).toBe(isCondition);
    expect(isChecksumRefusal(answer(status, body))).toBe(isChecksum);
  });
});

describe("a refusal of checksum headers", () => {
  it.each([
    [
      400,
      document("InvalidArgument", "<Message>Unsupported header 'x-amz-checksum-sha256'</Message>"),
      true,
    ],
    [501, document("NotImplemented", "<Message>A header you provided</Message>"), true],
    [400, document("InvalidRequest", "<Message>bad checksum algorithm</Message>"), true],
    [400, document("EntityTooSmall", "<Message>too small</Message>"), false],
    [403, document("AccessDenied", "<Message>checksum</Message>"), false],
    [400, "", false],
  ])("%i %s: %s", (status, body, expected) => {
    expect(isChecksumRefusal(answer(status, body))).toBe(expected);
  });
});
