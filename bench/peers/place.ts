import { EMPTY_SHA256, createSigner } from "../s3-signer.ts";
import type { SandboxAddress } from "../sandbox-child.ts";

/** A bucket that clients are measured against. */
export type Place = SandboxAddress & { readonly bucket: string };

const LANES = 32;

export async function makeBucket(place: Place): Promise<void> {
  await ask(place, "PUT", `/${place.bucket}`);
}

/** Objects without bytes, for listings. */
export async function makeKeys(place: Place, keys: readonly string[]): Promise<void> {
  await inLanes(keys, (key) => ask(place, "PUT", `/${place.bucket}/${key}`));
}

export async function removeKeys(place: Place, keys: readonly string[]): Promise<void> {
  await inLanes(keys, (key) => ask(place, "DELETE", `/${place.bucket}/${key}`));
}

async function inLanes(
  keys: readonly string[],
  work: (key: string) => Promise<void>,
): Promise<void> {
  const waiting = [...keys];
  const lane = async () => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await work(key);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** What is there already, or no longer, is as good as made or removed. */
const FINE = { PUT: [200, 409], DELETE: [204, 404] };

async function ask(place: Place, method: "PUT" | "DELETE", path: string): Promise<void> {
  const { headers } = await createSigner(place)({ method, path, sha256: EMPTY_SHA256 });
  const answer = await fetch(`${place.endpoint}${path}`, {
    method,
    headers,
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!FINE[method].includes(answer.status)) throw new Error(`${method} ${path}: ${text}`);
}
