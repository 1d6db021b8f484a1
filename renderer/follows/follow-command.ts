import { shellWord } from "../common/shell-word.ts";
import { everyFlag } from "./follow-words.ts";

type Followed = {
  readonly bucket: string;
  readonly key: string;
  readonly folder: string;
  readonly everyMs: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly profileName: string;
};

/** The same as one line of a shell, which keeps it in sync until it is ended. */
export function followCommand(followed: Followed): string {
  const { bucket, key, folder, everyMs, include, exclude, profileName } = followed;
  const words = [
    "longhaul",
    "sync",
    `s3://${bucket}/${key}`,
    folder,
    "--every",
    everyFlag(everyMs),
    ...include.flatMap((pattern) => ["--include", pattern]),
    ...exclude.flatMap((pattern) => ["--exclude", pattern]),
    "--profile",
    profileName,
  ];
  return words.map(shellWord).join(" ");
}
