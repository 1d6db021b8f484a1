import { ProfileId } from "#shared/profile.ts";
import type { DownloadSpec, DropSpec, UploadSpec } from "./transfer-spec.ts";

/** Requests for tests: what a test does not say is as plain as can be. */
export function anUploadSpec(given: Partial<UploadSpec> = {}): UploadSpec {
  return {
    kind: "upload",
    sources: ["/models/llama"],
    destination: { profileId: ProfileId.parse("lab"), bucket: "models", prefix: "" },
    rename: null,
    contentsOnly: false,
    followSymlinks: false,
    emptyFolders: false,
    partSizeBytes: null,
    onConflict: "ask",
    readBack: false,
    include: [],
    exclude: [],
    ...given,
  };
}

export function aDownloadSpec(given: Partial<DownloadSpec> = {}): DownloadSpec {
  return {
    kind: "download",
    profileId: ProfileId.parse("lab"),
    bucket: "models",
    keys: ["llama.gguf"],
    folder: "/home/ada/models",
    rename: null,
    contentsOnly: false,
    onConflict: "ask",
    readBack: false,
    include: [],
    exclude: [],
    ...given,
  };
}

export function aDropSpec(given: Partial<DropSpec> = {}): DropSpec {
  return {
    kind: "drop",
    name: "drop",
    destination: { profileId: ProfileId.parse("lab"), bucket: "models", prefix: "" },
    onConflict: "ask",
    ...given,
  };
}
