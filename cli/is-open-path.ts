/** Ends in `/`, or is `.` or `..`: a folder, whatever is there. */
export function isOpenPath(path: string): boolean {
  const ending = process.platform === "win32" ? /[/\\]$/ : /\/$/;
  return ending.test(path) || /(^|[/\\])\.\.?$/.test(path);
}
