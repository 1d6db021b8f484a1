/** What is wrong with what was said on a connection, in the way that the system tells of sockets. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: "EPROTO" | "ERR_INVALID_REQUEST";

  /** @param code `EPROTO` of the other side, `ERR_INVALID_REQUEST` of ours. */
  constructor(code: "EPROTO" | "ERR_INVALID_REQUEST", message: string) {
    super(message);
    this.code = code;
  }
}

/** The connection ended where it must not. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";
  readonly code = "ECONNRESET";
}

/** No connection came about in time. */
export class ConnectTimeoutError extends Error {
  override readonly name = "ConnectTimeoutError";
  readonly code = "ETIMEDOUT";
}
