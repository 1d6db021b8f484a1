import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { MemorySecrets } from "./fakes.ts";
import { Redactor, watchSecrets } from "./redactor.ts";

const CANARY = "canary/secret+key=42";

describe("what a process knows to be secret", () => {
  const redactor = new Redactor();
  redactor.add(CANARY);

  it.each([
    ["as it is", CANARY],
    ["in a URL", encodeURIComponent(CANARY)],
    ["in base64", Buffer.from(CANARY).toString("base64")],
    ["in base64 for URLs", Buffer.from(CANARY).toString("base64url")],
    ["twice", `${CANARY} and ${CANARY}`],
  ])("is taken out %s", (_title, text) => {
    const redacted = redactor.redact(`before ${text} after`);
    expect(redacted).toMatch(/^before \[removed\]( and \[removed\])? after$/);
  });

  it("is taken out of JSON, escaped as it is there", () => {
    const own = new Redactor();
    own.add('quo"ted\\secret');
    expect(own.redact(JSON.stringify({ text: 'a quo"ted\\secret' }))).toBe(
      '{"text":"a [removed]"}',
    );
  });

  it("is taken out wherever it stands in any text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(redactor.redact(`${before}${CANARY}${after}`)).not.toContain(CANARY);
      }),
    );
  });

  it("is taken out whole when another secret is a part of it", () => {
    const own = new Redactor();
    own.add("inner-part");
    own.add("outer-inner-part-outer");
    expect(own.redact("x outer-inner-part-outer y")).toBe("x [removed] y");
  });

  it("does not make a text unreadable for the sake of a short or empty value", () => {
    const own = new Redactor();
    for (const value of ["", "a", "words", null, undefined]) own.add(value);
    expect(own.redact("a few words")).toBe("a few words");
  });
});

describe("what looks like a secret", () => {
  it.each([
    [
      "GET /b/k?X-Amz-Credential=AKIDX%2F2026&X-Amz-Signature=ab12&x=1",
      "GET /b/k?X-Amz-Credential=[removed]&X-Amz-Signature=[removed]&x=1",
    ],
    ["?X-Amz-Security-Token=FwoG%3D&y=2", "?X-Amz-Security-Token=[removed]&y=2"],
    ["Authorization: AWS4-HMAC-SHA256 Credential=x\nHost: y", "Authorization: [removed]\nHost: y"],
    ['{"authorization":"Basic abc","host":"h"}', '{"authorization":"[removed]","host":"h"}'],
    ["Set-Cookie: session=1; Path=/\nx", "Set-Cookie: [removed]\nx"],
    ["key AKIAIOSFODNN7EXAMPLE used", "key [removed] used"],
    ["key ASIAIOSFODNN7EXAMPLE used", "key [removed] used"],
    ["Bearer eyJhbGciOi.J9", "Bearer [removed]"],
    ["http://127.0.0.1:1/#token=abc", "http://127.0.0.1:1/#token=[removed]"],
    ["https://x/y?sig=abc%3D&z=1", "https://x/y?sig=[removed]&z=1"],
    ["https://ada:pw@lab:9000/x", "https://[removed]lab:9000/x"],
    ["AWS_SECRET_ACCESS_KEY=abc AWS_REGION=x", "AWS_SECRET_ACCESS_KEY=[removed] AWS_REGION=x"],
    ['{"secretAccessKey":"abc","a":1}', '{"secretAccessKey":"[removed]","a":1}'],
    ["aws_session_token = abc", "aws_session_token = [removed]"],
    ["a\n-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\nb", "a\n[removed]\nb"],
    ["-----BEGIN PRIVATE KEY-----\ncut short", "[removed]"],
  ])("%s", (text, redacted) => expect(new Redactor().redact(text)).toBe(redacted));

  it.each([
    'uploaded llama/model.bin, 4 parts, etag "9b2cf535f27731c974343645a3985328"',
    "s3.lab does not accept the keys of lab.",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "https://minio.lab:9000/models?prefix=a@b",
  ])("is not to be seen in: %s", (text) => expect(new Redactor().redact(text)).toBe(text));
});

describe("watchSecrets", () => {
  it("makes known what goes into a store and what comes out of it", async () => {
    const redactor = new Redactor();
    const kept = new MemorySecrets();
    const store = watchSecrets(kept, redactor);
    const [lab, other] = [ProfileId.parse("lab"), ProfileId.parse("other")];
    kept.kept.set(other, { secretAccessKey: "older-secret", sessionToken: "older-token" });

    await store.set(lab, { secretAccessKey: "fresh-secret" });
    expect(redactor.redact("fresh-secret older-token")).toBe("[removed] older-token");
    await store.get(other);
    expect(redactor.redact("fresh-secret older-token")).toBe("[removed] [removed]");
    await store.remove(lab);
    expect(await store.get(lab)).toBeNull();
  });
});
