import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { FakeClock } from "../../flow/fake-clock.ts";
import type { CredentialProvider, Credentials } from "../../profiles/credentials.ts";
import { RequestSigner } from "./request-signer.ts";
import { ServerClock } from "./server-clock.ts";
import { EMPTY_SHA256 } from "./sigv4.ts";
import type { PlainRequest } from "./sigv4.ts";

const never = new AbortController().signal;
const REQUEST: PlainRequest = {
  method: "GET",
  host: "s3.example.com",
  path: "/b/k",
  query: [],
  headers: {},
  payloadSha256: EMPTY_SHA256,
};

function keys(sessionToken: string): Credentials {
  return { accessKeyId: "AKID", secretAccessKey: "SECRET", sessionToken, expiresAtMs: null };
}

/** Gives the first of some keys until it is told to forget it. */
class RotatingCredentials implements CredentialProvider {
  readonly #queue: (Credentials | null)[];

  constructor(...queue: (Credentials | null)[]) {
    this.#queue = queue;
  }

  async get(): Promise<Credentials | null> {
    return this.#queue[0] ?? null;
  }

  forget(spent: Credentials): void {
    if (this.#queue[0] === spent && this.#queue.length > 1) this.#queue.shift();
  }
}

function signerOf(provider: CredentialProvider, clock = new FakeClock()): RequestSigner {
  return new RequestSigner(provider, "us-east-1", new ServerClock(clock));
}

describe("the server's clock", () => {
  const START = Date.UTC(2026, 0, 1);

  it("is this machine's as long as they agree within minutes", () => {
    const clock = new ServerClock(new FakeClock(START));
    clock.observe(new Date(START + 200_000).toUTCString());
    expect(clock.offsetMs).toBe(0);
    expect(clock.serverMs()).toBe(START);
  });

  it("is learned from any answer, and forgotten when it agrees again", () => {
    const clock = new ServerClock(new FakeClock(START));
    clock.observe(new Date(START + 20 * 60_000).toUTCString());
    expect(clock.serverMs()).toBe(START + 20 * 60_000);
    clock.observe(new Date(START).toUTCString());
    expect(clock.offsetMs).toBe(0);
  });

  it("does not jitter with the seconds of a Date header", () => {
    const clock = new ServerClock(new FakeClock(START));
    clock.observe(new Date(START - 3_600_000).toUTCString());
    clock.observe(new Date(START - 3_590_000).toUTCString());
    expect(clock.offsetMs).toBe(-3_600_000);
  });

  it.each([undefined, "", "yesterday"])("learns nothing from %j", (date) => {
    const clock = new ServerClock(new FakeClock(START));
    clock.observe(date);
    expect(clock.offsetMs).toBe(0);
  });
});

describe("signing", () => {
  it("leaves an anonymous request as it is", async () => {
    const signer = signerOf(new RotatingCredentials(null));
    const { headers } = await signer.sign({ ...REQUEST, headers: { range: "bytes=0-1" } }, never);
    expect(headers).toEqual({ range: "bytes=0-1" });
  });

  it("uses the server's time", async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    const signer = signerOf(new RotatingCredentials(keys("t")), clock);
    signer.clock.observe("Thu, 01 Jan 2026 01:00:00 GMT");
    const { headers } = await signer.sign(REQUEST, never);
    expect(headers["x-amz-date"]).toBe("20260101T010000Z");
  });

  it("stops when asked to", async () => {
    const signed = signerOf(new RotatingCredentials(keys("t"))).sign(REQUEST, AbortSignal.abort());
    await expect(signed).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("after a refusal", () => {
  const skewed = new LonghaulError("clock-skewed", "skewed");
  const expired = new LonghaulError("credentials-expired", "expired");

  it("signs again once the clock is set right, for each of many requests under way", async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    const signer = signerOf(new RotatingCredentials(keys("t")), clock);
    const before = await Promise.all(
      Array.from({ length: 8 }, async () => signer.sign(REQUEST, never)),
    );
    signer.clock.observe("Thu, 01 Jan 2026 00:20:00 GMT");
    expect(before.map(({ stamp }) => signer.canSignBetter(skewed, stamp))).not.toContain(false);
    const { stamp } = await signer.sign(REQUEST, never);
    expect(signer.canSignBetter(skewed, stamp)).toBe(false);
  });

  it("takes a refusal without a reason for skew only if the clock was off", async () => {
    const signer = signerOf(new RotatingCredentials(keys("t")));
    const { stamp } = await signer.sign(REQUEST, never);
    expect(signer.canSignBetter(new LonghaulError("access-denied", "403"), stamp)).toBe(false);
  });

  it("asks once for other keys when they expired, however many requests say so", async () => {
    const signer = signerOf(new RotatingCredentials(keys("old"), keys("new"), keys("newer")));
    const { stamp } = await signer.sign(REQUEST, never);
    expect(signer.canSignBetter(expired, stamp)).toBe(true);
    expect(signer.canSignBetter(expired, stamp)).toBe(true);
    const { headers } = await signer.sign(REQUEST, never);
    expect(headers["x-amz-security-token"]).toBe("new");
  });

  it("says so, without another request, when there are no other keys", async () => {
    const signer = signerOf(new RotatingCredentials(keys("only")));
    const { stamp } = await signer.sign(REQUEST, never);
    expect(signer.canSignBetter(expired, stamp)).toBe(true);
    await expect(signer.sign(REQUEST, never)).rejects.toMatchObject({
      code: "credentials-expired",
    });
  });

  it.each(["access-denied", "credentials-wrong", "object-missing", "throttled"] as const)(
    "does not sign %s again",
    async (code) => {
      const signer = signerOf(new RotatingCredentials(keys("t")));
      const { stamp } = await signer.sign(REQUEST, never);
      expect(signer.canSignBetter(new LonghaulError(code, code), stamp)).toBe(false);
    },
  );
});
