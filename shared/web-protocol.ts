import { z } from "zod";
import { HostEvent } from "./contract.ts";
import { ErrorInfo } from "./errors.ts";

/**
 * How a page in a browser speaks with the web host.
 *
 * - The page's address is `http://127.0.0.1:PORT/#token=TOKEN`. The page takes the token off the
 *   address at once (`history.replaceState`), keeps it in sessionStorage, and never puts it in a URL.
 * - Calls and events go over a WebSocket at `WEB_SOCKET_PATH`, as JSON text messages. The page's
 *   first message is a `WebHello`; the host answers `welcome`. Then calls, in any number, answered
 *   in any order. The host stops reading while 64 calls are unanswered.
 * - A dropped file's bytes go by `POST /incoming/<ticket>?offset=<offsetBytes>` with the header
 *   `Authorization: Bearer TOKEN` and at most `INCOMING_MAX_BYTES` of body. Status 200: an
 *   `IncomingAnswer`. 409: an `IncomingAnswer` with the offset at which to go on instead. Any other
 *   status: an `IncomingRefusal`; 401 asks for a new token.
 */
export const WEB_SOCKET_PATH = "/socket";

/** Bytes of one WebSocket message, either way: 10,000 keys of 1,024 bytes and what is around them. */
export const WEB_MESSAGE_MAX_BYTES = 16 * 1024 * 1024;

/** Name of the token in the fragment of the page's address, and its key in sessionStorage. */
export const TOKEN_NAME = "token";

/**
 * The page holds `<meta name="csp-nonce" content="" />`; the host fills in a nonce for style
 * elements, fresh per load. The same in the desktop window.
 */
export const NONCE_META_NAME = "csp-nonce";

/** Why the host closed the socket. Any other code is a lost connection: connect again. */
export const WEB_CLOSE_CODES = {
  /** The token is wrong or came too late: the page needs the address that the host printed. */
  unauthorized: 4401,
  /** The host ends; it may come back. */
  goingAway: 1001,
  /** A message was malformed or too long: a bug of the page. */
  malformed: 4400,
} as const;

/** The page's first message. */
export const WebHello = z.strictObject({ token: z.string().max(256) });
export type WebHello = z.infer<typeof WebHello>;

/** Every further message of the page. The input is parsed by the dispatcher. */
export const WebCall = z.strictObject({
  /** Chosen by the page, unique among its unanswered calls. */
  id: z.int().nonnegative(),
  name: z.string().max(64),
  input: z.unknown(),
});
export type WebCall = z.infer<typeof WebCall>;

const WebReply = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: ErrorInfo }),
]);

/** What the host sends. */
export const WebMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("welcome") }),
  z.strictObject({ type: z.literal("reply"), id: z.int(), reply: WebReply }),
  z.strictObject({ type: z.literal("event"), event: HostEvent }),
]);
export type WebMessage = z.infer<typeof WebMessage>;

/** Where the next byte of a dropped file belongs. */
export const IncomingAnswer = z.strictObject({ offsetBytes: z.int().nonnegative() });
export type IncomingAnswer = z.infer<typeof IncomingAnswer>;

export const IncomingRefusal = z.strictObject({ error: ErrorInfo });
export type IncomingRefusal = z.infer<typeof IncomingRefusal>;
