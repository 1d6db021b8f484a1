/** `-v` or `--verbose`, wherever it stands before `--`: what is logged is also said on standard error. */
export function takeVerbose(args: readonly string[]): {
  readonly isVerbose: boolean;
  readonly rest: readonly string[];
} {
  const end = args.indexOf("--");
  const isFlag = (arg: string, index: number): boolean =>
    (end === -1 || index < end) && (arg === "-v" || arg === "--verbose");
  const rest = args.filter((arg, index) => !isFlag(arg, index));
  return { isVerbose: rest.length < args.length, rest };
}
