import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export type PlainServer = { readonly endpoint: string; readonly stop: () => Promise<void> };

const READY_WITHIN_MS = 5000;

export function hasNginx(): boolean {
  return spawnSync("nginx", ["-v"], { stdio: "ignore" }).status === 0;
}

/**
 * Serves a folder as a bucket, plain files over HTTP: the fastest server there is, so what is measured
 * is the client.
 */
export async function startNginx(
  folder: string,
  bucket: string,
  served: string,
): Promise<PlainServer> {
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  const path = join(folder, "nginx.conf");
  await writeFile(path, configuration({ folder, bucket, served, port }));
  const child = spawn("nginx", ["-c", path, "-e", "stderr"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = AbortSignal.timeout(READY_WITHIN_MS);
  while (!(await answers(endpoint, deadline))) {
    if (child.exitCode !== null) throw new Error("nginx ended at once");
    deadline.throwIfAborted();
    await pause(20);
  }
  return {
    endpoint,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** For whom it serves: `user` where root starts it, whose temporary folders others cannot enter. */
function configuration(place: {
  folder: string;
  bucket: string;
  served: string;
  port: number;
}): string {
  const { folder, bucket, served, port } = place;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const lines = [
    "daemon off; worker_processes 2;",
    ...(process.getuid?.() === 0 ? ["user root;"] : []),
    `pid ${join(folder, "nginx.pid")};`,
    "events { worker_connections 512; }",
    "http {",
    "access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;",
    ...temporary,
    `server { listen 127.0.0.1:${port}; location /${bucket}/ { alias ${served}/; } }`,
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

async function answers(endpoint: string, signal: AbortSignal): Promise<boolean> {
  try {
    await (await fetch(endpoint, { signal })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
