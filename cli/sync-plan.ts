import { LonghaulError } from "#shared/errors.ts";
import type { CopySource, CopyStep } from "./copy-plan.ts";
import { planCopy } from "./copy-plan.ts";
import type { Address } from "./uri.ts";

/**
 * What `sync SRC DST` means: the contents of one folder or prefix, and `s3://b/t` is `s3://b/t/`.
 *
 * @throws {LonghaulError} `invalid`, `unsupported`, `path-missing`
 */
export function planSync(source: CopySource, target: Address): CopyStep {
  const isFile = "found" in source && source.found === "file";
  if (isFile) {
    throw new LonghaulError(
      "invalid",
      "a sync is of a folder or a prefix; for one file there is cp",
    );
  }
  const from = source.address.kind === "s3" ? { address: open(source.address) } : source;
  const [step] = planCopy([from], { address: open(target), isFolder: true });
  if (step === undefined) throw new Error("a source without a step");
  return step;
}

function open<T extends Address>(address: T): T {
  if (address.kind !== "s3" || address.key === "" || address.key.endsWith("/")) return address;
  return { ...address, key: `${address.key}/` };
}
