import { describe, expect, it } from "vitest";
import { parsePeersOptions } from "./options.ts";
import { summaryOf } from "./targets.ts";

const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };

describe("the words of the bench", () => {
  it("mean every case on a sandbox of its own, three times, unless told", () => {
    const options = parsePeersOptions([], {});
    expect(options).toMatchObject({ server: null, runs: 3, connections: [16], partMib: 16 });
    expect(options.cases).toHaveLength(7);
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
  const row = (client: string, wallSeconds: number, cpuSeconds = 1) => ({
    client,
    wallSeconds,
    cpuSeconds,
    cpuSecondsPerGib: 1,
    peakMib: 1,
    runs: 1,
  });
  const large = {
    name: "large-up" as const,
    connections: 16,
    rows: [row("longhaul", 10), row("aws", 20), row("rclone", 12), row("curl", 1), row("s5cmd", 9)],
  };

  it("compares with the fastest that the case is judged by", () => {
    expect(summaryOf([large], false)).toEqual({
      isMet: false,
      line: "peers: large-up 1.20 times as fast as rclone (needs 1.3)",
    });
  });

  it("judges nothing on the sandbox but what comes from elsewhere", () => {
    expect(summaryOf([large], true)).toEqual({
      isMet: true,
      line: "peers: large-up 1.20 times as fast as rclone",
    });
    expect(summaryOf([{ ...large, name: "plain-down" }], true).isMet).toBe(false);
  });

  it("compares the CPU with what it costs to move and digest the bytes", () => {
    const rows = [row("longhaul", 1, 4), row("rclone", 2), row("curl+sha256", 1, 2)];
    expect(summaryOf([{ ...large, rows }], false)).toEqual({
      isMet: false,
      line:
        "peers: large-up 2.00 times as fast as rclone (needs 1.3), " +
        "large-up 2.00 times the CPU of curl+sha256 (at most 1.5)",
    });
  });
});
