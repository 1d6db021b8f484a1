import type { ServerResponse } from "node:http";
import type { OperationName, Route } from "../http/route.ts";
import type { Operation, S3Answer, S3Call } from "../http/s3-call.ts";
import type { FaultBook } from "./fault-book.ts";
import { inject } from "./inject.ts";
import { quirkyAnswer, quirkyCall, quirkyOperation } from "./quirks.ts";

/** One authenticated request, before it is carried out. */
export type Faultable = {
  readonly route: Route;
  readonly operation: OperationName;
  readonly call: S3Call;
  readonly response: ServerResponse;
  readonly operations: Readonly<Record<OperationName, Operation>>;
};

/** Carries out one request as the script says. */
export async function performWithFaults(book: FaultBook, asked: Faultable): Promise<S3Answer> {
  const { route, response, operations } = asked;
  const { quirks } = book;
  const operation = quirkyOperation(asked.operation, quirks);
  const fault = book.next({ operation: asked.operation, route });
  const act: Operation = async (call) =>
    quirkyAnswer(
      await operations[operation](quirkyCall(call, operation, quirks)),
      operation,
      quirks,
    );
  if (fault === undefined) return await act(asked.call);
  return await inject(fault, asked.call, act, response);
}
