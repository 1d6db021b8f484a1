import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "#shared/fault-script.ts";
import { flipBit } from "./flip-bit.ts";
import type { Tamper } from "../bodies/tamper.ts";

type Break = Fault & { readonly kind: "break" };

/** Leaves the exchange; never resolves. @throws when the client has noticed. */
export async function breakOff(response: ServerResponse, how: Break["how"]): Promise<never> {
  const { socket } = response;
  if (how === "reset") socket?.resetAndDestroy();
  else if (how === "close") socket?.destroy();
  else {
    // Without a reader the socket's own buffers fill, and then nothing is acknowledged any more.
    response.req.pause();
    if (!response.destroyed) await once(response, "close");
  }
  throw new Error("broken off on purpose");
}

/** The bytes of an answer's body as a fault lets them through. */
export function tamperWith(fault: Fault, response: ServerResponse): Tamper | undefined {
  const { kind } = fault;
  if (kind === "trickle") return trickling(fault.bytesPerSecond);
  if (kind === "flip" && fault.where === "sent") return flipping(fault.atByte, fault.bit);
  if (kind === "unframed" && fault.afterBytes !== undefined) {
    return cutting(fault.afterBytes, response, "close");
  }
  if (kind === "break" && fault.at === "response-body") {
    return cutting(fault.afterBytes, response, fault.how);
  }
  return undefined;
}

function cutting(afterBytes: number, response: ServerResponse, how: Break["how"]): Tamper {
  let leftBytes = afterBytes;
  return async function* (block) {
    const kept = block.subarray(0, leftBytes);
    leftBytes -= kept.length;
    if (kept.length > 0) yield kept;
    // The head goes out with the first bytes, so without any it has to be sent by itself.
    if (afterBytes === 0) response.flushHeaders();
    if (kept.length < block.length) await breakOff(response, how);
  };
}

function trickling(bytesPerSecond: number): Tamper {
  const sliceBytes = Math.max(1, Math.floor(bytesPerSecond / 10));
  return async function* (block) {
    for (let at = 0; at < block.length; at += sliceBytes) {
      const slice = block.subarray(at, at + sliceBytes);
      yield slice;
      await sleep((slice.length / bytesPerSecond) * 1000);
    }
  };
}

function flipping(atByte: number, bit: number): Tamper {
  let startByte = 0;
  return async function* (block) {
    const at = atByte - startByte;
    startByte += block.length;
    yield at >= 0 && at < block.length ? flipBit(block, at, bit) : block;
  };
}
