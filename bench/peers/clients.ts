import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "./measure.ts";
import type { Place } from "./place.ts";

/** What every client is asked to do, in its own words. */
export type Task =
  | { readonly kind: "up-file"; readonly path: string; readonly key: string }
  | { readonly kind: "down-file"; readonly key: string; readonly path: string }
  /** `prefix` ends in `/`. */
  | { readonly kind: "up-tree"; readonly folder: string; readonly prefix: string }
  | { readonly kind: "down-tree"; readonly prefix: string; readonly folder: string }
  /** The folder is as the prefix is, and is to be made so; the same command a second time. */
  | { readonly kind: "same-tree"; readonly prefix: string; readonly folder: string }
  | { readonly kind: "list"; readonly prefix: string };

/** The same for all clients. */
export type Setting = {
  readonly place: Place;
  readonly connections: number;
  readonly partMib: number;
  /** A folder for homes and configuration, new for every run. */
  readonly scratch: string;
  /** For clients that cannot sign: an address of the task's object that carries its signature. */
  readonly signedUrl: string;
};

export type Client = {
  readonly name: string;
  /** Null where the client cannot do it. */
  readonly command: (task: Task, setting: Setting) => Command | null;
};

const CLI = fileURLToPath(new URL("../../out/app/cli.js", import.meta.url));

/** Longhaul, and those of the others that this machine has. */
export function findClients(): readonly Client[] {
  return [longhaul, ...OTHERS.filter(({ name }) => name.split("+").every(isThere))];
}

function isThere(program: string): boolean {
  if (program === "sha256") return isThere("openssl");
  return spawnSync("which", [program], { stdio: "ignore" }).status === 0;
}

function awsVariables({ place }: Setting): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: place.accessKeyId,
    AWS_SECRET_ACCESS_KEY: place.secretAccessKey,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ENDPOINT_URL: place.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** Source and destination of a copy in `s3://` addresses; null for a listing. */
function endsOf(task: Task, bucket: string): readonly [from: string, to: string] | null {
  switch (task.kind) {
    case "up-file":
      return [task.path, `s3://${bucket}/${task.key}`];
    case "down-file":
      return [`s3://${bucket}/${task.key}`, task.path];
    case "up-tree":
      return [task.folder, `s3://${bucket}/${task.prefix}`];
    case "down-tree":
    case "same-tree":
      return [`s3://${bucket}/${task.prefix}`, task.folder];
    case "list":
      return null;
    default:
      return task satisfies never;
  }
}

const longhaul: Client = {
  name: "longhaul",
  command: (task, setting) => {
    const env = { ...awsVariables(setting), LONGHAUL_HOME: join(setting.scratch, "home") };
    const ends = endsOf(task, setting.place.bucket);
    const sizes = [
      "--connections",
      `${setting.connections}`,
      "--part-size",
      `${setting.partMib}MiB`,
    ];
    const args =
      ends === null
        ? [
            "ls",
            "--recursive",
            `s3://${setting.place.bucket}/${task.kind === "list" ? task.prefix : ""}`,
          ]
        : task.kind === "same-tree"
          ? ["get", ...ends, "--quiet"]
          : ["cp", ...ends, "--quiet", ...sizes];
    return { program: process.execPath, args: [CLI, ...args], env };
  },
};

const aws: Client = {
  name: "aws",
  command: (task, setting) => {
    const env = { ...awsVariables(setting), AWS_CONFIG_FILE: join(setting.scratch, "aws-config") };
    const ends = endsOf(task, setting.place.bucket);
    const isTree = task.kind === "up-tree" || task.kind === "down-tree";
    const args =
      ends === null
        ? [
            "s3",
            "ls",
            "--recursive",
            `s3://${setting.place.bucket}/${task.kind === "list" ? task.prefix : ""}`,
          ]
        : task.kind === "same-tree"
          ? ["s3", "sync", ...ends, "--only-show-errors"]
          : ["s3", "cp", ...ends, "--only-show-errors", ...(isTree ? ["--recursive"] : [])];
    return { program: "aws", args, env };
  },
};

/** The aws tool takes these from a file alone. */
export function awsConfig({ connections, partMib }: Setting): string {
  return [
    "[default]",
    "s3 =",
    `  max_concurrent_requests = ${connections}`,
    `  multipart_threshold = ${partMib}MB`,
    `  multipart_chunksize = ${partMib}MB`,
    "",
  ].join("\n");
}

const rclone: Client = {
  name: "rclone",
  command: (task, setting) => {
    const { place, connections, partMib } = setting;
    const env = {
      ...awsVariables(setting),
      RCLONE_CONFIG: join(setting.scratch, "rclone.conf"),
      RCLONE_CONFIG_BENCH_TYPE: "s3",
      RCLONE_CONFIG_BENCH_PROVIDER: "Other",
      RCLONE_CONFIG_BENCH_ENV_AUTH: "true",
      RCLONE_CONFIG_BENCH_ENDPOINT: place.endpoint,
      RCLONE_CONFIG_BENCH_REGION: place.region,
    };
    const many = `${connections}`;
    const size = `${partMib}Mi`;
    const flags = [
      "--s3-no-check-bucket --s3-force-path-style --quiet",
      `--s3-chunk-size ${size} --s3-upload-cutoff ${size} --s3-upload-concurrency ${many}`,
      `--multi-thread-cutoff ${size} --multi-thread-streams ${many}`,
      `--transfers ${many} --checkers ${many}`,
    ].flatMap((line) => line.split(" "));
    const remote = (key: string) => `bench:${place.bucket}/${key}`;
    if (task.kind === "list") {
      return { program: "rclone", args: ["lsf", "-R", remote(task.prefix), ...flags], env };
    }
    const ends = endsOf(task, place.bucket);
    if (ends === null) return null;
    const names = ends.map((end) => end.replace(`s3://${place.bucket}/`, remote("")));
    const isFile = task.kind === "up-file" || task.kind === "down-file";
    return { program: "rclone", args: [isFile ? "copyto" : "copy", ...names, ...flags], env };
  },
};

const s5cmd: Client = {
  name: "s5cmd",
  command: (task, setting) => {
    const { place, connections, partMib } = setting;
    const common = ["--endpoint-url", place.endpoint, "--numworkers", `${connections}`];
    const env = awsVariables(setting);
    if (task.kind === "list") {
      const address = `s3://${place.bucket}/${task.prefix}*`;
      return { program: "s5cmd", args: [...common, "ls", address], env };
    }
    const ends = endsOf(task, place.bucket);
    if (ends === null) return null;
    const [from, to] = ends;
    const isDown = task.kind === "down-tree" || task.kind === "same-tree";
    const wild = task.kind === "up-tree" ? `${from}/*` : isDown ? `${from}*` : from;
    const into = isDown ? `${to}/` : to;
    const sizes = ["--concurrency", `${connections}`, "--part-size", `${partMib}`];
    const verb = task.kind === "same-tree" ? "sync" : "cp";
    return { program: "s5cmd", args: [...common, verb, ...sizes, wild, into], env };
  },
};

/** Downloads from an address that carries its own signature, or none. */
const aria2c: Client = {
  name: "aria2c",
  command: (task, { signedUrl, connections, partMib }) => {
    if (task.kind !== "down-file") return null;
    // It opens no more than 16 to one server.
    const many = `${Math.min(16, connections)}`;
    const slash = task.path.lastIndexOf("/");
    const target = ["-d", task.path.slice(0, slash), "-o", task.path.slice(slash + 1)];
    const speed = ["-x", many, "-s", many, "-k", `${partMib}M`, "--file-allocation=none"];
    const args = ["-q", ...speed, ...target, signedUrl];
    return { program: "aria2c", args, env: {} };
  },
};

/** The floor: one stream and no check. */
const curl: Client = {
  name: "curl",
  command: (task, { signedUrl }) => {
    if (task.kind !== "down-file" && task.kind !== "up-file") return null;
    const way = task.kind === "down-file" ? "-o" : "-T";
    const args = ["-sS", "--fail", way, task.path, signedUrl];
    return { program: "curl", args, env: {} };
  },
};

/** The same, and a digest of what was moved: what it costs to know the bytes. */
const curlAndDigest: Client = {
  name: "curl+sha256",
  command: (task, setting) => {
    const moved = curl.command(task, setting);
    if (moved === null || !("path" in task)) return null;
    const script = '"$@" && openssl dgst -sha256 "$MOVED"';
    const args = ["-c", script, "sh", moved.program, ...moved.args];
    return { program: "sh", args, env: { ...moved.env, MOVED: task.path } };
  },
};

const OTHERS: readonly Client[] = [aws, rclone, s5cmd, aria2c, curl, curlAndDigest];
