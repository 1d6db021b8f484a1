import { readFile, stat } from "node:fs/promises";
import type { EndpointTrust, NetworkSettings } from "#shared/network.ts";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "../disk/disk-errors.ts";
import type { Clock } from "../flow/clock.ts";
import { startDeadline } from "../flow/deadline.ts";
import {
  basicAuthorization,
  isBypassed,
  parseProxy,
  proxyOfEnvironment,
  proxyOfPac,
} from "../wire/proxy-choice.ts";
import type { ProxyServer, Route } from "../wire/route.ts";
import { checkPem } from "../wire/trust.ts";

/** Whatever the system says may change without a word. */
const KEPT_MS = 30_000;
/** A system that fetches a script to know takes a while; one that takes longer never answers. */
const SYSTEM_DEADLINE_MS = 10_000;
/** Every authority of the world is in less than a megabyte. */
const LARGEST_PEM_BYTES = 4 * 1024 * 1024;
const MOST_KEPT = 200;

type RoutePorts = {
  readonly settings: () => NetworkSettings;
  /** Of the manual proxy's user. */
  readonly password: () => Promise<string | null>;
  /** What the desktop says of a URL, in the words of a PAC file; undefined where there is none. */
  readonly systemProxy?: ((url: string) => Promise<string>) | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
};

type Kept = { readonly route: Promise<Route | undefined>; readonly untilMs: number };

/** Says how each endpoint is reached now: by settings, system and environment, and its profile. */
export class NetworkRoutes {
  readonly #ports: RoutePorts;
  readonly #kept = new Map<string, Kept>();

  constructor(ports: RoutePorts) {
    this.#ports = ports;
  }

  /**
   * @param origin Scheme, host and port.
   * @returns undefined for the direct way with the usual authorities.
   * @throws {LonghaulError} `invalid`, `path-missing`, `path-denied` for a proxy or a certificate
   * file that cannot be used; `unreachable` where the system does not say the proxy in time.
   */
  async to(origin: string, trust: EndpointTrust = {}): Promise<Route | undefined> {
    const key = JSON.stringify([origin, trust.caFile, trust.pinnedSha256]);
    const nowMs = this.#ports.clock.nowMs();
    const known = this.#kept.get(key);
    if (known !== undefined && nowMs < known.untilMs) return await known.route;
    const route = this.#find(origin, trust);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, { route, untilMs: nowMs + KEPT_MS });
    route.catch(() => this.#kept.delete(key));
    return await route;
  }

  /** The settings changed: what is asked from now on goes by the new ones. */
  forget(): void {
    this.#kept.clear();
  }

  async #find(origin: string, { caFile, pinnedSha256 }: EndpointTrust): Promise<Route | undefined> {
    const { settings, environment } = this.#ports;
    const proxy = await this.#proxyFor(new URL(origin));
    const files = [settings().caFile, environment["AWS_CA_BUNDLE"], caFile].filter(isNamed);
    const pems = origin.startsWith("https:") ? await Promise.all(files.map(readPem)) : [];
    const ca = pems.length === 0 ? null : pems.join("\n");
    if (proxy === null && ca === null && pinnedSha256 === undefined) return undefined;
    return { proxy, ca, pinnedSha256: pinnedSha256 ?? null };
  }

  async #proxyFor(url: URL): Promise<ProxyServer | null> {
    const { settings, systemProxy, environment, password } = this.#ports;
    const { proxy } = settings();
    switch (proxy.kind) {
      case "none":
        return null;
      case "system":
        return systemProxy === undefined
          ? proxyOfEnvironment(url, environment)
          : proxyOfPac(await inTime(systemProxy(url.href), url.origin));
      case "manual": {
        if (isBypassed(url, proxy.bypass)) return null;
        const { origin } = parseProxy(proxy.url);
        if (proxy.userName === null) return { origin, authorization: null };
        const secret = (await password()) ?? "";
        return { origin, authorization: basicAuthorization(proxy.userName, secret) };
      }
      default:
        return proxy satisfies never;
    }
  }
}

async function inTime(answer: Promise<string>, endpoint: string): Promise<string> {
  const deadline = startDeadline(SYSTEM_DEADLINE_MS);
  const { promise: late, reject } = Promise.withResolvers<never>();
  deadline.signal.addEventListener("abort", () => {
    const details = { endpoint, cause: "proxy unknown" };
    reject(new LonghaulError("unreachable", `the proxy for ${endpoint} is not known`, { details }));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    deadline.end();
  }
}

function isNamed(path: string | null | undefined): path is string {
  return path !== null && path !== undefined && path !== "";
}

async function readPem(path: string): Promise<string> {
  const text = await onDisk(path, "read", async () => {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > LARGEST_PEM_BYTES) throw notPem(path);
    return await readFile(path, "utf8");
  });
  return checkPem(text, path);
}

function notPem(path: string): LonghaulError {
  return new LonghaulError("invalid", `${path} is no file of certificates`, { details: { path } });
}
