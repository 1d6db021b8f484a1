import { createServer } from "node:https";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DeskRig, putRequest } from "./desk-rig.ts";
import { answering, listen } from "./fixtures.ts";
import { selfSigned } from "./self-signed.ts";

let rig: DeskRig;
beforeEach(async () => {
  rig = await DeskRig.start();
});
afterEach(() => rig.end());

it("N16 sends nothing to a server whose certificate nobody vouches for", async () => {
  let requestCount = 0;
  const server = createServer(
    selfSigned("localhost"),
    answering(200, () => (requestCount += 1)),
  );
  const { port } = new URL(await listen(server));
  const path = await rig.file("source", Buffer.from("abc"));
  const range = { path, start: 0, end: 3 };
  await rig.ask({ kind: "load", source: range, stamp: null });
  const source = { kind: "kept", bodyId: rig.lastId } as const;
  const url = `https://localhost:${port}`;
  const outcome = await rig.ask({
    kind: "send",
    source,
    request: putRequest(`${url}/k`),
    slot: -1,
  });
  server.close();
  expect(outcome).toMatchObject({
    kind: "failed",
    error: {
      code: "untrusted-certificate",
      details: { endpoint: url, cause: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    },
  });
  expect(requestCount).toBe(0);
});
