/** What is wrong with a request file, where. Lines count from 1. */
export type Problem = {
  readonly file: string;
  readonly line: number;
  /** `requests[2].destination`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
};

/** `artifacts.yaml:12: requests[2].destination: is missing` */
export function problemLine({ file, line, path, message }: Problem): string {
  return [`${file}:${line}`, path, message].filter((part) => part !== "").join(": ");
}
