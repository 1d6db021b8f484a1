import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isIPv4 } from "node:net";

/** Object identifiers, encoded. */
const ECDSA_WITH_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");
const SUBJECT_ALT_NAME = Buffer.from("0603551d11", "hex");

const [SEQUENCE, SET, INTEGER, BIT_STRING, OCTET_STRING] = [0x30, 0x31, 0x02, 0x03, 0x04];
const [UTF8_STRING, UTC_TIME, CONTEXT_0, CONTEXT_3] = [0x0c, 0x17, 0xa0, 0xa3];
const [DNS_NAME, IP_ADDRESS] = [0x82, 0x87];

export type Credentials = { readonly key: string; readonly cert: string };

/**
 * For tests: a certificate that nobody vouches for, so that no key lies in the repository.
 *
 * @param host A name, or an address of IPv4.
 */
export function selfSigned(host: string): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = certificateBody(host, publicKey);
  const signature = sign("sha256", body, privateKey);
  const algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
  const bits = der(BIT_STRING, Buffer.of(0), signature);
  const certificate = der(SEQUENCE, body, algorithm, bits);
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

function certificateBody(host: string, publicKey: KeyObject): Buffer {
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(host)))),
  );
  const names = der(
    SEQUENCE,
    isIPv4(host)
      ? der(IP_ADDRESS, Buffer.from(host.split(".").map(Number)))
      : der(DNS_NAME, Buffer.from(host)),
  );
  return der(
    SEQUENCE,
    // Version 3.
    der(CONTEXT_0, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(7)])),
    der(SEQUENCE, ECDSA_WITH_SHA256),
    name,
    der(SEQUENCE, time("200101000000Z"), time("491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(CONTEXT_3, der(SEQUENCE, der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTET_STRING, names)))),
  );
}

function time(text: string): Buffer {
  return der(UTC_TIME, Buffer.from(text));
}

/** Tag, length, value. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const value = Buffer.concat(contents);
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), value]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), value]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), value]);
}
