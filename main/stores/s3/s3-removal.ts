import { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import type { DeleteObjectsOutput } from "@aws-sdk/client-s3";
import type { ErrorCode } from "#shared/errors.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { ObjectInfo, Removed, RemoveOrder } from "../store.ts";
import type { S3Control } from "./s3-control.ts";

const DEADLINE_MS = 60_000;

/** No XML 1.0 document can hold these. */
// oxlint-disable-next-line no-control-regex
const NOT_IN_XML = /[\0-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u;

const REMOVED: Removed = { outcome: "removed", keepsVersions: false };

type Ports = {
  readonly control: S3Control;
  readonly bucket: string;
  /** The endpoint keeps the ETags that a deletion names. */
  readonly isConditional: boolean;
  /** Null where it is not there. */
  readonly find: (key: string, signal: AbortSignal) => Promise<ObjectInfo | null>;
  readonly removeOne: (key: string, signal: AbortSignal) => Promise<void>;
};

/** Deletions of many objects of a bucket, a thousand in one request where the endpoint takes that. */
export class S3Removal {
  readonly #ports: Ports;
  /** It takes no list of what is to go: one request for each, then. */
  #isOneByOne = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** As `Store.removeAll`. */
  async removeAll(
    orders: readonly RemoveOrder[],
    signal: AbortSignal,
  ): Promise<readonly Removed[]> {
    const removed = new Map<RemoveOrder, Removed>();
    await this.#removeListed(orders, removed, signal);
    const left = orders.filter((order) => !removed.has(order));
    await Promise.all(
      left.map(async (order) => removed.set(order, await this.#removeAlone(order, signal))),
    );
    return orders.map((order) => removed.get(order) ?? REMOVED);
  }

  async #removeAlone(order: RemoveOrder, signal: AbortSignal): Promise<Removed> {
    if (await this.#isOther(order, signal)) return { outcome: "changed" };
    await this.#ports.removeOne(order.key, signal);
    return REMOVED;
  }

  async #isOther({ key, etag }: RemoveOrder, signal: AbortSignal): Promise<boolean> {
    const found = await this.#ports.find(key, signal);
    return found !== null && found.etag !== etag;
  }

  /** All that one request can name, as long as the endpoint takes such requests. */
  async #removeListed(
    orders: readonly RemoveOrder[],
    removed: Map<RemoveOrder, Removed>,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#isOneByOne) return;
    const named = orders.filter(({ key }) => !NOT_IN_XML.test(key));
    if (!this.#ports.isConditional) {
      const look = async (order: RemoveOrder) => {
        if (await this.#isOther(order, signal)) removed.set(order, { outcome: "changed" });
      };
      await Promise.all(named.map(look));
    }
    const due = named.filter((order) => !removed.has(order));
    if (due.length === 0) return;
    try {
      const outcomeOf = this.#reader(await this.#ask(due, signal));
      for (const order of due) removed.set(order, outcomeOf(order));
    } catch (thrown) {
      if (!(thrown instanceof LonghaulError) || thrown.details.status !== 501) throw thrown;
      this.#isOneByOne = true;
    }
  }

  async #ask(orders: readonly RemoveOrder[], signal: AbortSignal): Promise<DeleteObjectsOutput> {
    const { control, bucket, isConditional } = this.#ports;
    const Objects = orders.map(({ key, etag }) => ({
      Key: key,
      ...(isConditional && { ETag: etag }),
    }));
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } });
    const subject = { action: "s3:DeleteObject", target: "bucket" } as const;
    const call = { subject, deadlineMs: DEADLINE_MS, signal, isDigested: true };
    return await control.call(call, async (client, options) => client.send(command, options));
  }

  #reader({ Deleted = [], Errors = [] }: DeleteObjectsOutput): (order: RemoveOrder) => Removed {
    const gone = new Map(Deleted.map((one) => [one.Key, one.DeleteMarker === true]));
    const refused = new Map(Errors.map((one) => [one.Key, one]));
    return ({ key }) => {
      const keepsVersions = gone.get(key);
      if (keepsVersions !== undefined) return { outcome: "removed", keepsVersions };
      const { Code = "", Message = "" } = refused.get(key) ?? {};
      if (Code === "PreconditionFailed") return { outcome: "changed" };
      if (Code === "NoSuchKey") return REMOVED;
      return { outcome: "failed", error: this.#refusal(key, Code, Message) };
    };
  }

  #refusal(key: string, code: string, message: string): LonghaulError {
    const { control, bucket } = this.#ports;
    const action = "s3:DeleteObject";
    // Neither gone nor refused.
    if (code === "") return control.unreadable({ action, target: "bucket", key });
    const details = { bucket, key, action, cause: code };
    return new LonghaulError(CODES.get(code) ?? "server-failed", message || code, { details });
  }
}

const CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ["AccessDenied", "access-denied"],
  ["SlowDown", "throttled"],
]);
