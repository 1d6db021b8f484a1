import { BlockList, isIP } from "node:net";
import { LonghaulError } from "#shared/errors.ts";
import type { ProxyServer } from "./route.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL, as the AWS tools and curl read it: HTTPS_PROXY or
 * HTTP_PROXY by the URL's scheme, else ALL_PROXY, unless NO_PROXY fits; lower case counts first.
 *
 * @throws {LonghaulError} `invalid` for a proxy that cannot be used.
 */
export function proxyOfEnvironment(url: URL, environment: Environment): ProxyServer | null {
  const scheme = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const named = valueOf(environment, scheme) ?? valueOf(environment, "all_proxy");
  if (named === undefined || isBypassed(url, valueOf(environment, "no_proxy") ?? "")) return null;
  return parseProxy(named);
}

/** What of the environment's proxies must be in no log. */
export function proxySecretsOf(environment: Environment): readonly string[] {
  return ["https_proxy", "http_proxy", "all_proxy"].flatMap((name) => {
    const url = URL.parse(withScheme(valueOf(environment, name) ?? ""));
    const password = url?.password ?? "";
    return password === "" ? [] : [password, decode(password)];
  });
}

/**
 * `proxy:3128` or a URL, with the sign-in in it if it needs one.
 *
 * @throws {LonghaulError} `invalid`, without what was given: it may hold a password.
 */
export function parseProxy(text: string): ProxyServer {
  const url = URL.parse(withScheme(text.trim()));
  if (url === null || url.hostname === "")
    throw unusable("is no address such as http://proxy:3128");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw unusable(
      `is of a kind that is not supported, ${url.protocol.slice(0, -1)}; use http or https`,
    );
  }
  const { username, password } = url;
  const isNamed = username !== "" || password !== "";
  return {
    origin: url.origin,
    authorization: isNamed ? basicAuthorization(decode(username), decode(password)) : null,
  };
}

export function basicAuthorization(userName: string, password: string): string {
  return `Basic ${Buffer.from(`${userName}:${password}`).toString("base64")}`;
}

/**
 * What Chromium says of a URL's proxy: `PROXY proxy:3128; DIRECT`. The first that can be used.
 */
export function proxyOfPac(answer: string): ProxyServer | null {
  for (const choice of answer.split(";")) {
    const [kind = "", host = ""] = choice.trim().split(/\s+/);
    if (kind.toUpperCase() === "PROXY" && host !== "") return parseProxy(`http://${host}`);
    if (kind.toUpperCase() === "HTTPS" && host !== "") return parseProxy(`https://${host}`);
    if (kind.toUpperCase() === "DIRECT") return null;
  }
  return null;
}

/**
 * Whether a URL is reached without the proxy. Rules are separated by commas or spaces: `*`, a name
 * and all below it (`lab.example`, `.lab.example`, `*.lab.example`), an address (`10.0.0.7`, `::1`,
 * `[::1]`), a network (`10.0.0.0/8`); each but the last with a port if wished.
 */
export function isBypassed(url: URL, rules: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return rules
    .split(/[\s,]+/)
    .filter((rule) => rule !== "")
    .some((rule) => fits(rule.toLowerCase(), host, port));
}

function fits(rule: string, host: string, port: string): boolean {
  if (rule === "*") return true;
  if (rule.includes("/")) return isInNetwork(rule, host);
  const { name, port: asked } = splitPort(rule);
  if (asked !== null && asked !== port) return false;
  if (isIP(name) !== 0) return isSameAddress(name, host);
  const end = name.replace(/^\*?\./, "");
  return host === end || host.endsWith(`.${end}`);
}

/** A bare IPv6 address has colons and no port. */
function splitPort(rule: string): { name: string; port: string | null } {
  const inBrackets = /^\[([^\]]+)\](?::(\d+))?$/.exec(rule);
  if (inBrackets !== null) return { name: inBrackets[1] ?? "", port: inBrackets[2] ?? null };
  if (isIP(rule) === 6) return { name: rule, port: null };
  const withPort = /^([^:]+):(\d+)$/.exec(rule);
  return { name: withPort?.[1] ?? rule, port: withPort?.[2] ?? null };
}

function isSameAddress(address: string, host: string): boolean {
  return isIP(host) !== 0 && isIP(host) === isIP(address) && isInList(address, null, host);
}

function isInNetwork(rule: string, host: string): boolean {
  const [address = "", bits = ""] = rule.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  const isSound = isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  return isSound && isIP(host) === isIP(address) && isInList(address, Number(bits), host);
}

function isInList(address: string, bits: number | null, host: string): boolean {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  if (bits === null) list.addAddress(address, family);
  else list.addSubnet(address, bits, family);
  return list.check(host, family);
}

function valueOf(environment: Environment, name: string): string | undefined {
  const value = environment[name] ?? environment[name.toUpperCase()];
  return value === undefined || value.trim() === "" ? undefined : value;
}

function withScheme(text: string): string {
  return text.includes("://") ? text : `http://${text}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unusable(why: string): LonghaulError {
  return new LonghaulError("invalid", `the proxy of the settings or the environment ${why}`);
}
