import type { Profile } from "#shared/profile.ts";
import { expect, it } from "vitest";
import { originOf } from "./origin.ts";

it.each([
  [{ kind: "aws" }, "eu-central-1", "aws/b"],
  [{ kind: "aws" }, "us-east-1", "aws/b"],
  [{ kind: "aws" }, "cn-north-1", "aws-cn/b"],
  [{ kind: "aws" }, "us-gov-west-1", "aws-us-gov/b"],
  [{ kind: "url", url: "https://minio.lab:9000/" }, "x", "https://minio.lab:9000/b"],
  [{ kind: "url", url: "https://minio.lab:9000" }, "y", "https://minio.lab:9000/b"],
  [{ kind: "practice", folder: "/p" }, "us-east-1", "practice:/p/b"],
])("%j in %s is %s", (endpoint, region, origin) => {
  expect(originOf({ endpoint, region } as Profile, "b")).toBe(origin);
});
