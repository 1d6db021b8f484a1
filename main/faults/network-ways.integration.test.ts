import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { explainError } from "#shared/error-words.ts";
import { MiB } from "../bytes/sizes.ts";
import { ForwardProxy } from "./forward-proxy.ts";
import { NetworkRig } from "./network-rig.ts";

const PASSWORD = "canary-of-the-proxy";
const SIGN_IN = `Basic ${Buffer.from(`mira:${PASSWORD}`).toString("base64")}`;
/** Two parts. */
const SIZE_BYTES = 7 * MiB;

let rig: NetworkRig;
let proxy: ForwardProxy;
beforeAll(async () => {
  [rig, proxy] = await Promise.all([NetworkRig.open(), ForwardProxy.open()]);
});
afterAll(async () => {
  await rig.close();
  await proxy.close();
});
beforeEach(async () => {
  proxy.use({});
  await rig.network({});
});
afterEach(() => delete process.env["AWS_CA_BUNDLE"]);

function manual(bypass = "", userName: string | null = null) {
  return { kind: "manual", url: proxy.endpoint, userName, bypass } as const;
}

it("N15 proxy for a plain endpoint: carries whole transfers, questions and bytes", async () => {
  await rig.network({ proxy: manual() });
  const { up, isSame } = await rig.roundTrip(await rig.profile(rig.plainUrl), SIZE_BYTES);
  expect([up.state.phase, isSame]).toEqual(["done", true]);
  expect(proxy.asked.some((line) => line.startsWith(`PUT ${rig.plainUrl}/lab/ways/`))).toBe(true);
  expect(proxy.asked.some((line) => line.startsWith(`GET ${rig.plainUrl}/lab/ways/`))).toBe(true);
  expect(proxy.asked.every((line) => line.includes(rig.plainUrl))).toBe(true);
});

it("N15 CONNECT proxy for a TLS endpoint: opens the way for whole transfers, and reads nothing", async () => {
  await rig.network({ proxy: manual() });
  const id = await rig.profile(rig.secureUrl, { pinnedSha256: rig.pinnedSha256 });
  const { up, isSame } = await rig.roundTrip(id, SIZE_BYTES);
  expect([up.state.phase, isSame]).toEqual(["done", true]);
  const { host } = new URL(rig.secureUrl);
  expect(proxy.asked.length).toBeGreaterThan(1);
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host}`]));
});

it.each(["plain", "TLS"])(
  "N15 proxy answering 407 before a %s endpoint: fails at once, asked once, and says what to do",
  async (kind) => {
    await rig.network({ proxy: manual() });
    proxy.use({ wants: SIGN_IN });
    const id =
      kind === "plain"
        ? await rig.profile(rig.plainUrl)
        : await rig.profile(rig.secureUrl, { pinnedSha256: rig.pinnedSha256 });
    const { up } = await rig.roundTrip(id, SIZE_BYTES);
    if (up.state.phase !== "failed") throw new Error(`it is ${up.state.phase}`);
    expect(up.state.error).toMatchObject({ code: "proxy-refused", details: { status: 407 } });
    expect(rig.retries).toEqual([]);
    // One for each item or question under way, none again.
    expect(proxy.asked.length).toBeLessThanOrEqual(2);
    const { why, todo } = explainError(up.state.error);
    expect(why).toContain("user name and password");
    expect(todo).toContain("Settings, Network");
  },
);

it("N15 proxy with a sign-in: the password comes from the kept secrets, and is shown nowhere", async () => {
  await rig.network({ proxy: manual("", "mira") });
  proxy.use({ wants: SIGN_IN });
  await rig.client.call("settings.proxyPassword", { password: "another one" });
  const wrong = await rig.roundTrip(await rig.profile(rig.plainUrl), 10);
  await rig.client.call("settings.proxyPassword", { password: PASSWORD });
  const { isSame } = await rig.roundTrip(await rig.profile(rig.plainUrl), SIZE_BYTES);
  const secure = await rig.profile(rig.secureUrl, { pinnedSha256: rig.pinnedSha256 });
  expect(isSame && (await rig.roundTrip(secure, SIZE_BYTES)).isSame).toBe(true);
  const settings = await rig.client.call("settings.get", null);
  const shown = JSON.stringify([wrong.up, settings, rig.logged, rig.retries]);
  expect(shown).toContain("proxy-refused");
  const onDisk = await rig.everythingOnDisk();
  for (const secret of [PASSWORD, SIGN_IN, SIGN_IN.slice(6), "another one"]) {
    expect(shown).not.toContain(secret);
    expect(onDisk.includes(secret)).toBe(false);
  }
});

it("N15 proxy that closes instead of answering CONNECT: is asked again, and the transfer goes on", async () => {
  await rig.network({ proxy: manual() });
  const id = await rig.profile(rig.secureUrl, { pinnedSha256: rig.pinnedSha256 });
  proxy.use({ closes: 2 });
  const { up, isSame } = await rig.roundTrip(id, SIZE_BYTES);
  expect([up.state.phase, isSame]).toEqual(["done", true]);
  const causes = rig.retries.map(({ error }) => `${error.code} ${error.details.cause}`);
  expect(new Set(causes)).toEqual(new Set(["unreachable proxy closed"]));
  expect(causes.length).toBeLessThanOrEqual(2);
});

it("N15 no proxy for what the rules name: goes past it", async () => {
  proxy.use({ answers: 403 });
  for (const bypass of ["127.0.0.0/8, localhost", "*", "127.0.0.1 .localhost"]) {
    await rig.network({ proxy: manual(bypass) });
    expect((await rig.roundTrip(await rig.profile(rig.plainUrl), 10)).isSame).toBe(true);
    const secure = await rig.profile(rig.secureUrl, { pinnedSha256: rig.pinnedSha256 });
    expect((await rig.roundTrip(secure, 10)).isSame).toBe(true);
  }
  expect(proxy.asked).toEqual([]);
});

it("N15 HTTP_PROXY and NO_PROXY of the environment: are the system's where nothing else says", async () => {
  const before = { ...process.env };
  try {
    process.env["http_proxy"] = proxy.endpoint.replace("//", `//mira:${PASSWORD}@`);
    proxy.use({ wants: SIGN_IN });
    await rig.network({ proxy: { kind: "system" } });
    expect((await rig.roundTrip(await rig.profile(rig.plainUrl), 10)).isSame).toBe(true);
    expect(proxy.asked.length).toBeGreaterThan(1);
    process.env["no_proxy"] = "127.0.0.1";
    proxy.use({ answers: 403 });
    await rig.network({ proxy: { kind: "none" } });
    await rig.network({ proxy: { kind: "system" } });
    expect((await rig.roundTrip(await rig.profile(rig.plainUrl), 10)).isSame).toBe(true);
    expect(proxy.asked).toEqual([]);
  } finally {
    for (const name of ["http_proxy", "no_proxy"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

it("N16 TLS with a certificate that nobody vouches for: fails at once, and nothing is sent", async () => {
  const { up } = await rig.roundTrip(await rig.profile(rig.secureUrl), 10);
  expect(up.state).toMatchObject({
    phase: "failed",
    error: { code: "untrusted-certificate" },
  });
  expect(rig.retries).toEqual([]);
});

it("N16 extra authorities of the profile, of the settings, or of AWS_CA_BUNDLE: carry whole transfers", async () => {
  const caFile = await rig.file("ca.pem", `# the lab's\n${rig.pem}`);
  const ofProfile = await rig.profile(rig.secureUrl, { caFile });
  expect((await rig.roundTrip(ofProfile, SIZE_BYTES)).isSame).toBe(true);
  await rig.network({ caFile });
  expect((await rig.roundTrip(await rig.profile(rig.secureUrl), 10)).isSame).toBe(true);
  process.env["AWS_CA_BUNDLE"] = caFile;
  await rig.network({});
  expect((await rig.roundTrip(await rig.profile(rig.secureUrl), 10)).isSame).toBe(true);
  // Not for others: the profile's alone was the profile's.
  delete process.env["AWS_CA_BUNDLE"];
  await rig.network({ connectSeconds: 6 });
  const { up } = await rig.roundTrip(await rig.profile(rig.secureUrl), 10);
  expect(up.state).toMatchObject({ phase: "failed", error: { code: "untrusted-certificate" } });
});

it("N16 pinned certificate: is believed though nobody signed it, and no other is, not even a good one", async () => {
  const pinned = await rig.profile(rig.secureUrl, { pinnedSha256: rig.pinnedSha256 });
  expect((await rig.roundTrip(pinned, SIZE_BYTES)).isSame).toBe(true);
  const caFile = await rig.file("ca.pem", rig.pem);
  const other = { caFile, pinnedSha256: "ab".repeat(32) };
  const { up } = await rig.roundTrip(await rig.profile(rig.secureUrl, other), 10);
  if (up.state.phase !== "failed") throw new Error(`it is ${up.state.phase}`);
  expect(up.state.error).toMatchObject({
    code: "untrusted-certificate",
    details: { cause: "CERT_NOT_PINNED" },
  });
  expect(explainError(up.state.error).why).toContain("this is another");
});

it.each([
  ["is not there", null, "path-missing"],
  ["holds none", "not a certificate", "invalid"],
])("N16 file of authorities that %s: fails at once, and says which", async (_, text, code) => {
  const caFile = text === null ? `${rig.folder}/none.pem` : await rig.file("no.pem", text);
  const { up } = await rig.roundTrip(await rig.profile(rig.secureUrl, { caFile }), 10);
  expect(up.state).toMatchObject({ phase: "failed", error: { code, details: { path: caFile } } });
});

it("N16 the profile test goes the same way, and says so step by step", async () => {
  const id = await rig.profile(rig.secureUrl, { pinnedSha256: rig.pinnedSha256 });
  const views = await rig.client.call("profile.list", null);
  const profile = views.find((view) => view.profile.id === id)?.profile;
  if (profile === undefined) throw new Error("the profile is gone");
  const steps = await rig.client.call("profile.test", { profile, secret: null, tryWrite: false });
  expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    "reach passed",
    "clock passed",
    "signature passed",
    "list passed",
    "write skipped",
  ]);
});
