import { S3Error } from "./s3-error.ts";

/** What an element holds; `undefined` leaves the element out. */
export type XmlValue = string | number | boolean | undefined | readonly XmlField[];
export type XmlField = readonly [name: string, value: XmlValue];

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** One document. S3's errors carry no namespace, everything else does. */
export function renderXml(
  root: string,
  fields: readonly XmlField[],
  namespace = NAMESPACE,
): string {
  const attribute = namespace === "" ? "" : ` xmlns="${namespace}"`;
  const inner = fields.map(renderField).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${inner}</${root}>`;
}

function renderField([name, value]: XmlField): string {
  if (value === undefined) return "";
  const inner = Array.isArray(value) ? value.map(renderField).join("") : escapeXml(String(value));
  return `<${name}>${inner}</${name}>`;
}

/** Control characters become references, as S3 writes them, although XML 1.0 forbids those. */
function escapeXml(text: string): string {
  // oxlint's no-control-regex does not see escapes made by \p{Cc}, which is what is meant here.
  return text.replace(/[&<>"']|\p{Cc}/gu, (char) => {
    const named = NAMED_ESCAPES.get(char);
    return named ?? `&#x${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;
  });
}

const NAMED_ESCAPES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

export type XmlElement = {
  readonly name: string;
  /** Character data directly inside, entities resolved. */
  text: string;
  readonly children: XmlElement[];
};

/**
 * Reads the small documents that S3 clients send: elements and text. Attributes and comments are
 * skipped, namespaces prefixes dropped; a document type is refused, so no entity can be defined.
 *
 * @throws {S3Error} MalformedXML.
 */
export function parseXml(document: string): XmlElement {
  const top: XmlElement = { name: "", text: "", children: [] };
  const open: XmlElement[] = [top];
  const token = /<\?[^]*?\?>|<!--[^]*?-->|<(\/?)([^\s<>/!?]+)([^<>]*?)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const match of document.matchAll(token)) {
    end = match.index + match[0].length;
    takeToken(open, match);
  }
  const [root, ...others] = top.children;
  if (end !== document.length || open.length !== 1 || root === undefined || others.length > 0) {
    throw new S3Error("MalformedXML");
  }
  return root;
}

function takeToken(open: XmlElement[], match: RegExpExecArray): void {
  const [, closing, qualifiedName, , selfClosing, text] = match;
  const parent = open.at(-1);
  if (parent === undefined) throw new S3Error("MalformedXML");
  if (text !== undefined) {
    parent.text += unescapeXml(text);
    return;
  }
  if (qualifiedName === undefined) return;
  const name = qualifiedName.slice(qualifiedName.indexOf(":") + 1);
  if (closing === "/") {
    if (parent.name !== name || open.length === 1) throw new S3Error("MalformedXML");
    open.pop();
    return;
  }
  const element: XmlElement = { name, text: "", children: [] };
  parent.children.push(element);
  if (selfClosing !== "/") open.push(element);
}

const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function unescapeXml(text: string): string {
  return text.replace(/&([^;&\s]*);?/g, (whole, entity: string) => {
    const named = ENTITIES.get(entity);
    if (named !== undefined) return named;
    const numeric = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(entity);
    const hex = numeric?.[1];
    const code = hex === undefined ? Number(numeric?.[2] ?? Number.NaN) : Number.parseInt(hex, 16);
    if (!whole.endsWith(";") || Number.isNaN(code) || code > 0x10ffff) {
      throw new S3Error("MalformedXML");
    }
    return String.fromCodePoint(code);
  });
}

/** Text of the first child of that name, without surrounding white space. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text.trim();
}
