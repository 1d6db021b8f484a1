import type { ProfileId, ProfileSecret } from "#shared/profile.ts";
import type { SecretStore } from "./secret-store.ts";

/** What stands in place of a secret. */
const REMOVED = "[removed]";

/** Shorter ones cannot be told from ordinary words. */
const LEAST_LENGTH = 6;

/** More than any process meets; a session token comes about once an hour. */
const SECRETS_MAX = 1000;

/** What looks like a secret, whoever's it is. The first group, if there is one, stays. */
const PATTERNS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g,
  // A header to the end of its line, or a member of an object to its closing quote.
  /((?:proxy-)?authorization["']?\s*[:=]\s*["']?)[^\r\n"']+/gi,
  /((?:set-)?cookie["']?\s*[:=]\s*["']?)[^\r\n"']+/gi,
  /((?:secret_?access_?key|session_?token|security-token|password)["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi,
  /(X-Amz-(?:Signature|Credential)=)[^\s"'&]+/gi,
  /\b(Signature=)[0-9a-f]{64}\b/gi,
  /([?&#](?:token|access_token|sig|signature)=)[^\s"'&]+/gi,
  /\b(Bearer\s+)[\w.~+/=-]+/gi,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(https?:\/\/)[^\s/@"']+@/gi,
];

/**
 * Takes secrets out of texts before they are logged: the values that this process knows, in each
 * form they may travel in, and whatever has the shape of one.
 */
export class Redactor {
  /** Every form of every secret, longest first: one may be part of another. */
  #forms: readonly string[] = [];
  readonly #secrets = new Set<string>();

  /** From now on this value is taken out. Null and short values are ignored. */
  add(secret: string | null | undefined): void {
    if (!secret || secret.length < LEAST_LENGTH || this.#secrets.has(secret)) return;
    const [oldest] = this.#secrets;
    if (this.#secrets.size >= SECRETS_MAX && oldest !== undefined) this.#secrets.delete(oldest);
    this.#secrets.add(secret);
    this.#forms = [...this.#secrets].flatMap(formsOf).toSorted((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    let rest = text;
    for (const form of this.#forms) rest = rest.replaceAll(form, REMOVED);
    return redactShapes(rest);
  }
}

/** Without what looks like a secret; for texts whose secrets nobody knows. */
export function redactShapes(text: string): string {
  return PATTERNS.reduce((rest, pattern) => rest.replace(pattern, keepFirstGroup), text);
}

/** The same store; what goes in or out of it is known to the redactor from then on. */
export function watchSecrets(store: SecretStore, redactor: Redactor): SecretStore {
  const watch = (secret: ProfileSecret | null): void => {
    redactor.add(secret?.secretAccessKey);
    redactor.add(secret?.sessionToken);
  };
  return {
    get: async (id) => {
      const secret = await store.get(id);
      watch(secret);
      return secret;
    },
    set: async (id: ProfileId, secret: ProfileSecret) => {
      watch(secret);
      await store.set(id, secret);
    },
    remove: (id) => store.remove(id),
  };
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      bytes.toString("base64"),
      bytes.toString("base64url"),
    ]),
  ];
}

function keepFirstGroup(_match: string, ...rest: readonly unknown[]): string {
  const [first] = rest;
  return typeof first === "string" ? `${first}${REMOVED}` : REMOVED;
}
