import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

const REGION_VARIABLES = ["AWS_REGION", "AWS_DEFAULT_REGION"];
/** The last is that of other S3 tools. */
const ENDPOINT_VARIABLES = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "S3_ENDPOINT_URL"];

/** What the AWS tools' environment and files say about where requests go. */
export type AwsDefaults = {
  /** The profile that was read: the one asked for, AWS_PROFILE, or `default`. */
  readonly profileName: string;
  readonly region: string | null;
  readonly endpointUrl: string | null;
  readonly addressing: "auto" | "path" | "virtual";
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Keys by section as it is written, `profile lab`; those of a nested block as `s3.endpoint_url`. */
export type IniSections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Region and endpoint as aws-cli would choose them: environment first, then the profile, where a
 * service's own endpoint goes before the one for all services.
 */
export async function readAwsDefaults(
  profileName: string | undefined,
  environment: Environment = process.env,
): Promise<AwsDefaults> {
  const files = await readAwsFiles(environment);
  const name = profileName ?? firstOf(environment, ["AWS_PROFILE"]) ?? "default";
  const profile = profileOf(files, name);
  const region = firstOf(environment, REGION_VARIABLES) ?? profile.get("region") ?? null;
  const endpointUrl =
    firstOf(environment, ENDPOINT_VARIABLES) ?? endpointOf(files, profile, environment);
  const style = profile.get("s3.addressing_style");
  const addressing = style === "path" || style === "virtual" ? style : "auto";
  return { profileName: name, region, endpointUrl, addressing };
}

/** Names of the profiles in `~/.aws/config` and `~/.aws/credentials`, `default` first. */
export async function listAwsProfileNames(
  environment: Environment = process.env,
): Promise<readonly string[]> {
  const { config, credentials } = await readAwsFiles(environment);
  const configured = [...config.keys()].flatMap((section) => {
    const name = /^profile\s+(.+)$/.exec(section)?.[1];
    return name ?? (section === "default" ? section : []);
  });
  const names = new Set([...configured, ...credentials.keys()]);
  const others = [...names].filter((name) => name !== "default").toSorted();
  return names.has("default") ? ["default", ...others] : others;
}

/** Reads the AWS tools' INI dialect: `#` and `;` comments, blocks indented below an empty value. */
export function parseAwsIni(text: string): IniSections {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let block = "";
  for (const line of text.split(/\r?\n/)) {
    const isIndented = /^\s/.test(line);
    const content = line.replace(/(^|\s)[#;].*$/, "").trim();
    if (content === "") continue;
    const header = /^\[([^\]]+)\]$/.exec(content)?.[1];
    if (header !== undefined) {
      const name = sectionName(header);
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      block = "";
      continue;
    }
    const equals = content.indexOf("=");
    if (equals <= 0) continue;
    const key = content.slice(0, equals).trim();
    const value = content.slice(equals + 1).trim();
    if (!isIndented) block = value === "" ? key : "";
    section.set(isIndented && block !== "" ? `${block}.${key}` : key, value);
  }
  return sections;
}

type AwsFiles = { readonly config: IniSections; readonly credentials: IniSections };

async function readAwsFiles(environment: Environment): Promise<AwsFiles> {
  const home = firstOf(environment, ["HOME", "USERPROFILE"]) ?? homedir();
  const [config, credentials] = await Promise.all([
    readIni(firstOf(environment, ["AWS_CONFIG_FILE"]) ?? "~/.aws/config", home),
    readIni(firstOf(environment, ["AWS_SHARED_CREDENTIALS_FILE"]) ?? "~/.aws/credentials", home),
  ]);
  return { config, credentials };
}

/** Empty where there is none, or none that we may read: the AWS tools see it the same way. */
async function readIni(path: string, home: string): Promise<IniSections> {
  const absolute = path.startsWith("~/") ? join(home, path.slice(2)) : path;
  const text = await readFile(absolute, "utf8").catch(() => "");
  return parseAwsIni(text);
}

function profileOf({ config, credentials }: AwsFiles, name: string): ReadonlyMap<string, string> {
  const configured =
    config.get(`profile ${name}`) ?? (name === "default" ? config.get(name) : undefined);
  const profile = new Map<string, string>();
  for (const source of [credentials.get(name), configured]) {
    for (const [key, value] of source ?? []) profile.set(key, value);
  }
  return profile;
}

function endpointOf(
  { config }: AwsFiles,
  profile: ReadonlyMap<string, string>,
  environment: Environment,
): string | null {
  if (environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true") return null;
  const services = config.get(`services ${profile.get("services") ?? ""}`);
  return services?.get("s3.endpoint_url") ?? profile.get("endpoint_url") ?? null;
}

/** `profile "my lab"` and `profile  my-lab` as `profile my lab`, `profile my-lab`. */
function sectionName(header: string): string {
  const [kind = "", ...rest] = header.trim().split(/\s+/);
  return [kind, ...rest].join(" ").replaceAll(/["']/g, "");
}

/** AWS tools take an empty variable for one that is not set. */
function firstOf(environment: Environment, names: readonly string[]): string | undefined {
  return names
    .map((name) => environment[name])
    .find((value) => value !== undefined && value !== "");
}
