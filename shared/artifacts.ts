import { z } from "zod";
import { UnpackMethod } from "./archive.ts";

/**
 * What a pipeline wants to have on a machine, as a file: `longhaul get -f artifacts.yaml`.
 * `docs/artifacts.schema.json` is made from this by `npm run schema`.
 *
 *     defaults: { profile: models }
 *     requests:
 *       - object: s3://models/llama/model.safetensors
 *         destination: /data/llama/model.safetensors
 */

const hasNoNul = (text: string) => !text.includes("\0");
const NUL = "holds a NUL character";
const NOT_WHOLE = "write the whole path: ~ is not expanded";

const LocalPath = z
  .string()
  .min(1)
  .refine(hasNoNul, NUL)
  .regex(/^(?!~(?:[/\\]|$))/, NOT_WHOLE);

const Profile = z
  .string()
  .min(1)
  .describe(
    "A saved profile's name, or a profile of ~/.aws. Without one, AWS variables and files.",
  );

const Cache = z.boolean().describe("Keep the files in Longhaul's cache, and take from it. Off.");

const Globs = z.array(z.string().min(1));

const Common = { profile: Profile.optional(), cache: Cache.optional() };

export const Unpack = z
  .strictObject({
    destination: LocalPath.describe("The folder to unpack into; absent or empty before."),
    method: UnpackMethod.optional().describe("How the archive is read; auto looks at it."),
  })
  .describe("Unpack the object, an archive, when it is here.");

export const ObjectRequest = z
  .strictObject({
    object: z
      .string()
      .regex(
        /^s3:\/\/[^/@?#\s]+\/[\s\S]*[^/]$/,
        "an object is written s3://bucket/key, without a / at its end",
      )
      .refine(hasNoNul, NUL)
      .describe("s3://bucket/key"),
    destination: LocalPath.describe("The file; or its folder, with a / at the end."),
    ...Common,
    unpack: Unpack.optional(),
  })
  .describe("One object and its file.");

export const PrefixRequest = z
  .strictObject({
    prefix: z
      .string()
      .regex(
        /^s3:\/\/[^/@?#\s]+\/(?:[\s\S]*\/)?$/,
        "a prefix is written s3://bucket/folder/, with a / at its end",
      )
      .refine(hasNoNul, NUL)
      .describe("s3://bucket/folder/; s3://bucket/ is all of it"),
    destination: LocalPath.describe("The folder that gets what is below the prefix."),
    ...Common,
    include: Globs.optional().describe("Only what matches one of these; all if left out."),
    exclude: Globs.optional().describe("Not what matches one of these."),
  })
  .describe("All objects below a prefix and their folder.");

export const ArtifactFile = z
  .strictObject({
    $schema: z.string().optional(),
    defaults: z
      .strictObject(Common)
      .optional()
      .describe("For every request that does not say otherwise."),
    requests: z.array(z.union([ObjectRequest, PrefixRequest])).min(1),
  })
  .describe("What `longhaul get -f` fetches.");
