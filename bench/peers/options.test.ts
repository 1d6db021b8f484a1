import { describe, expect, it } from "vitest";
import { parsePeersOptions } from "./options.ts";
import { summaryOf } from "./targets.ts";

const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };

describe("the words of the bench", () => {
  it("mean every case on a sandbox of its own, three times, unless told", () => {
    const options = parsePeersOptions([], {});
    expect(options).toMatchObject({ server: null, runs: 3, connections: [16], partMib: 16 });
    expect(options.cases).toHaveLength(5);
  });

  it("name an endpoint, whose keys come from the environment", () => {
    const { server } = parsePeersOptions(["--endpoint", "http://127.0.0.1:7480/"], keys);
    expect(server).toEqual({
      endpoint: "http://127.0.0.1:7480",
      region: "us-east-1",
      accessKeyId: "id",
      secretAccessKey: "secret",
    });
  });

  it("sweep over connections", () => {
    expect(parsePeersOptions(["--sweep", "connections=1,2,4"], {}).connections).toEqual([1, 2, 4]);
  });

  it.each([
    [["--case", "sideways"], "sideways is no case"],
    [["--sweep", "parts=1"], "is no sweep"],
    [["--runs", "0"], "0 is no whole number above 0"],
    [["--endpoint", "http://127.0.0.1:1"], "say who asks the endpoint"],
  ])("are refused where they mean nothing: %j", (args, reason) => {
    expect(() => parsePeersOptions(args, {})).toThrow(reason);
  });
});

describe("the verdict", () => {
  const row = (client: string, wallSeconds: number) => ({
    client,
    wallSeconds,
    cpuSeconds: 1,
    cpuSecondsPerGib: 1,
    peakMib: 1,
    runs: 1,
  });
  const results = [
    {
      name: "large-up" as const,
      connections: 16,
      rows: [row("longhaul", 10), row("aws", 20), row("rclone", 12), row("curl", 1)],
    },
  ];

  it("compares with the fastest that checks what it moves", () => {
    expect(summaryOf(results, true)).toEqual({
      isMet: false,
      line: "peers: large-up 1.20 times rclone (needs 1.3)",
    });
  });

  it("judges nothing on a server of its own", () => {
    expect(summaryOf(results, false)).toEqual({
      isMet: true,
      line: "peers: large-up 1.20 times rclone",
    });
  });
});
