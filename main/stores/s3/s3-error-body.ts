/** What Longhaul reads of an S3 error document. The rest (the string to sign, ids) is not kept. */
export type ErrorBody = {
  /** `NoSuchKey`; null where the body is no S3 error document. */
  readonly code: string | null;
  readonly region: string | null;
  readonly requestId: string | null;
  /** A refused header by name, where the message says it. */
  readonly isAboutChecksums: boolean;
  readonly isAboutConditions: boolean;
  /** The highest part number, where a refusal names it. */
  readonly mostParts: number | null;
  /** Of `EntityTooSmall`: bytes that a part is to have. */
  readonly leastBytes: number | null;
};

const NOTHING: ErrorBody = {
  code: null,
  region: null,
  requestId: null,
  isAboutChecksums: false,
  isAboutConditions: false,
  mostParts: null,
  leastBytes: null,
};

/**
 * Reads `<Error><Code>…</Code>…</Error>`, also without the XML declaration and with a namespace.
 * Anything else (HTML of a proxy, JSON, nothing at all) says nothing.
 */
export function readErrorBody(body: Uint8Array): ErrorBody {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  if (!/^\uFEFF?\s*(<\?xml[^>]*\?>\s*)?<(ErrorResponse[^>]*>\s*<)?Error[\s>]/.test(text)) {
    return NOTHING;
  }
  return {
    code: element(text, "Code"),
    region: element(text, "Region"),
    requestId: element(text, "RequestId"),
    isAboutChecksums: /checksum|Unsupported header/i.test(element(text, "Message") ?? ""),
    isAboutConditions: ["Message", "Header", "ArgumentName"].some((name) =>
      /\bIf-(?:None-)?Match\b/i.test(element(text, name) ?? ""),
    ),
    mostParts: numberIn(/part number.*between 1 and (\d{1,5})\b/i, element(text, "Message")),
    leastBytes: numberIn(/^(\d{1,12})$/, element(text, "MinSizeAllowed")),
  };
}

/**
 * Whether a body is a result of S3's. The XML reader takes anything for a result that lacks
 * everything: a proxy's page would be an empty bucket.
 */
export function isResultDocument(body: Uint8Array): boolean {
  const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 4096));
  return /^\uFEFF?\s*(<\?xml[^>]*\?>)?\s*<(\w+:)?\w+(Result|Response|Output)[\s/>]/.test(
    start.toString("utf8"),
  );
}

function numberIn(pattern: RegExp, said: string | null): number | null {
  const digits = pattern.exec(said ?? "")?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The text of the first such element, if it is short and plain. */
function element(xml: string, name: string): string | null {
  const found = new RegExp(`<${name}>([^<&]{1,500})</${name}>`).exec(xml);
  return found?.[1]?.trim() ?? null;
}
