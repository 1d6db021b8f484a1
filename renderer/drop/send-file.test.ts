import type { ErrorCode, ErrorInfo } from "#shared/errors.ts";
import { expect, it, vi } from "vitest";
import { INCOMING_MAX_BYTES } from "#shared/transfer-request.ts";
import type { IncomingReply } from "./incoming-request.ts";
import type { SendPort } from "./send-file.ts";
import { sendFile } from "./send-file.ts";

const never = new AbortController().signal;
const file = new File(["0123456789"], "ten.bin");
const ticket = { ticket: "t1", offsetBytes: 0 };

function refusal(code: ErrorCode): ErrorInfo {
  return { code, message: code, details: {} };
}

/** Answers in order, then takes everything; remembers offsets asked and waits made. */
function scripted(replies: readonly IncomingReply[]) {
  const left = [...replies];
  const offsets: number[] = [];
  const waits: number[] = [];
  const port: SendPort = {
    send: async ({ offsetBytes, body }) => {
      offsets.push(offsetBytes);
      return left.shift() ?? { kind: "at", offsetBytes: offsetBytes + body.size };
    },
    wait: async (ms) => {
      waits.push(ms);
    },
    random: () => 0.5,
  };
  return { port, offsets, waits };
}

it("goes on at the offset that the ticket names", async () => {
  const { port, offsets } = scripted([]);
  expect(await sendFile(file, { ticket: "t1", offsetBytes: 4 }, port, never)).toEqual({
    kind: "sent",
  });
  expect(offsets).toEqual([4]);
});

it("sends nothing of a file that has arrived, or is empty", async () => {
  const { port, offsets } = scripted([]);
  await sendFile(new File([], "empty"), ticket, port, never);
  await sendFile(file, { ticket: "t1", offsetBytes: 10 }, port, never);
  expect(offsets).toEqual([]);
});

it("follows the host to its own offset, back or forth", async () => {
  const { port, offsets } = scripted([
    { kind: "at", offsetBytes: 6 },
    { kind: "at", offsetBytes: 2 },
  ]);
  await sendFile(file, ticket, port, never);
  expect(offsets).toEqual([0, 6, 2]);
});

it("waits longer and longer while nobody answers, and goes on when the host is back", async () => {
  const lost: IncomingReply = { kind: "lost" };
  const { port, waits } = scripted(Array.from({ length: 7 }, () => lost));
  expect(await sendFile(file, ticket, port, never)).toEqual({ kind: "sent" });
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
});

it("waits when the host keeps naming the offset that was just sent", async () => {
  const { port, waits } = scripted([{ kind: "at", offsetBytes: 0 }]);
  await sendFile(file, ticket, port, never);
  expect(waits).toEqual([500]);
});

it("keeps asking a full disk, and gives up on a refusal that stays", async () => {
  const full = scripted(
    Array.from({ length: 9 }, () => ({ kind: "refused", error: refusal("disk-full") }) as const),
  );
  expect(await sendFile(file, ticket, full.port, never)).toEqual({ kind: "sent" });
  const error = refusal("invalid");
  const gone = scripted(Array.from({ length: 9 }, () => ({ kind: "refused", error }) as const));
  expect(await sendFile(file, ticket, gone.port, never)).toEqual({ kind: "refused", error });
  expect(gone.offsets).toHaveLength(5);
});

it("stops at once when the token is no longer good", async () => {
  const { port } = scripted([{ kind: "signed-out" }]);
  expect(await sendFile(file, ticket, port, never)).toEqual({ kind: "signed-out" });
});

it("tells a changed file from a lost network", async () => {
  const changed = new File(["0123456789"], "ten.bin");
  const unreadable = new Blob(["0"]);
  vi.spyOn(unreadable, "slice").mockReturnValue(unreadable);
  vi.spyOn(unreadable, "arrayBuffer").mockRejectedValue(new DOMException("", "NotReadableError"));
  vi.spyOn(changed, "slice").mockReturnValue(unreadable);
  const { port } = scripted([{ kind: "lost" }]);
  expect(await sendFile(changed, ticket, port, never)).toEqual({ kind: "changed" });
});

it("cuts a long file into requests of at most 64 MiB", async () => {
  const long = new File([], "long.bin");
  const sizeBytes = INCOMING_MAX_BYTES * 2 + 1;
  Object.defineProperty(long, "size", { value: sizeBytes });
  vi.spyOn(long, "slice").mockImplementation((start = 0, end = 0) => {
    const body = new Blob([]);
    Object.defineProperty(body, "size", { value: Math.min(end, sizeBytes) - start });
    return body;
  });
  const { port, offsets } = scripted([]);
  await sendFile(long, ticket, port, never);
  expect(offsets).toEqual([0, INCOMING_MAX_BYTES, 2 * INCOMING_MAX_BYTES]);
});
