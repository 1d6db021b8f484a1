import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listAwsProfileNames, parseAwsIni, readAwsDefaults } from "./aws-config.ts";
import type { Environment } from "./aws-config.ts";

const CONFIG = `
[default]
region = eu-central-1

# the lab
[profile lab]
region=us-west-2   ; by the door
endpoint_url = https://lab.example:9000
s3 =
  addressing_style = path
  max_concurrent_requests = 4
services = lab-services

[profile "two words"]
region = eu-north-1

[services lab-services]
ec2 =
  endpoint_url = https://not-this.example
s3 =
  endpoint_url = https://s3.lab.example

[sso-session corp]
sso_region = us-east-1
`;

const CREDENTIALS = `
[default]
aws_access_key_id = AKIA1
aws_secret_access_key = canary

[only-keys]
aws_access_key_id=AKIA2
aws_secret_access_key=canary
region = ap-south-1

[lab]
region = not-this
`;

let home = "";
let environment: Environment = {};

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "longhaul-aws-"));
  await mkdir(join(home, ".aws"));
  await writeFile(join(home, ".aws/config"), CONFIG);
  await writeFile(join(home, ".aws/credentials"), CREDENTIALS);
  environment = { HOME: home };
});
afterEach(async () => rm(home, { recursive: true, force: true }));

describe("the AWS tools' files", () => {
  it("are read with comments, blocks and quotes", () => {
    const sections = parseAwsIni(CONFIG);
    expect([...sections.keys()]).toEqual([
      "default",
      "profile lab",
      "profile two words",
      "services lab-services",
      "sso-session corp",
    ]);
    expect(Object.fromEntries(sections.get("profile lab") ?? [])).toEqual({
      region: "us-west-2",
      endpoint_url: "https://lab.example:9000",
      s3: "",
      "s3.addressing_style": "path",
      "s3.max_concurrent_requests": "4",
      services: "lab-services",
    });
  });

  it.each(["", "no section = here", "[a]\n= value\nkey\n", "[unclosed\n", "\r\n[a]\r\nb=c\r\n"])(
    "may be as odd as %j",
    (text) => {
      expect(() => parseAwsIni(text)).not.toThrow();
    },
  );

  it("keep an equals sign and a hash inside a value", () => {
    expect(parseAwsIni("[a]\nkey = a=b#c\n").get("a")?.get("key")).toBe("a=b#c");
  });

  it("name the profiles, the default first", async () => {
    expect(await listAwsProfileNames(environment)).toEqual([
      "default",
      "lab",
      "only-keys",
      "two words",
    ]);
  });

  it("need not exist", async () => {
    const elsewhere = { HOME: join(home, "nobody") };
    expect(await listAwsProfileNames(elsewhere)).toEqual([]);
    expect(await readAwsDefaults(undefined, elsewhere)).toEqual({
      profileName: "default",
      region: null,
      endpointUrl: null,
      addressing: "auto",
    });
  });

  it("are where the environment says", async () => {
    await writeFile(join(home, "other"), "[profile far]\nregion = af-south-1\n");
    const there = { HOME: home, AWS_CONFIG_FILE: "~/other", AWS_SHARED_CREDENTIALS_FILE: "/none" };
    expect(await listAwsProfileNames(there)).toEqual(["far"]);
    expect(await readAwsDefaults("far", there)).toMatchObject({ region: "af-south-1" });
  });
});

describe("where requests go", () => {
  it.each<[name: string | undefined, more: Environment, region: string]>([
    [undefined, {}, "eu-central-1"],
    ["lab", {}, "us-west-2"],
    ["two words", {}, "eu-north-1"],
    ["only-keys", {}, "ap-south-1"],
    [undefined, { AWS_PROFILE: "lab" }, "us-west-2"],
    [undefined, { AWS_PROFILE: "" }, "eu-central-1"],
    ["lab", { AWS_DEFAULT_REGION: "sa-east-1" }, "sa-east-1"],
    ["lab", { AWS_DEFAULT_REGION: "sa-east-1", AWS_REGION: "us-east-2" }, "us-east-2"],
  ])("profile %s with %j: region %s", async (name, more, region) => {
    expect(await readAwsDefaults(name, { ...environment, ...more })).toMatchObject({ region });
  });

  it.each<[more: Environment, endpointUrl: string | null]>([
    [{}, "https://s3.lab.example"],
    [{ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }, null],
    [{ S3_ENDPOINT_URL: "http://c" }, "http://c"],
    [{ S3_ENDPOINT_URL: "http://c", AWS_ENDPOINT_URL: "http://b" }, "http://b"],
    [{ AWS_ENDPOINT_URL: "http://b", AWS_ENDPOINT_URL_S3: "http://a" }, "http://a"],
    [{ AWS_ENDPOINT_URL: "" }, "https://s3.lab.example"],
  ])("the service's own endpoint comes first: %j", async (more, endpointUrl) => {
    const defaults = await readAwsDefaults("lab", { ...environment, ...more });
    expect(defaults).toMatchObject({ profileName: "lab", endpointUrl, addressing: "path" });
  });
});
