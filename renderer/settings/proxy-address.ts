/** What is wrong with a proxy's address; null where it can be kept. */
export function proxyProblem(typed: string): string | null {
  const url = URL.parse(withScheme(typed));
  if (typed === "" || url === null || url.hostname === "") {
    return "An address such as http://proxy:3128.";
  }
  if (!/^https?:$/.test(url.protocol)) return "A proxy of http or https.";
  if (url.username !== "" || url.password !== "") return "Name and password have fields below.";
  return null;
}

/** `proxy:3128` as it is kept: scheme, host and port. */
export function readProxyAddress(typed: string): string {
  return URL.parse(withScheme(typed))?.origin ?? typed;
}

function withScheme(typed: string): string {
  return typed.includes("://") ? typed : `http://${typed}`;
}
