import { Command, CommanderError, Option } from "commander";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { parseRate } from "#shared/format.ts";
import { ProviderPreset } from "#shared/profile.ts";
import { addCacheCommands } from "./cache-program.ts";
import { copy } from "./commands/cp.ts";
import { examine } from "./commands/doctor.ts";
import type { LimitChange, ScheduleWish } from "./commands/limit.ts";
import {
  limitRates,
  limitSchedule,
  noLimits,
  readScheduleWish,
  setLimits,
} from "./commands/limit.ts";
import { list } from "./commands/ls.ts";
import { addProfile, listProfiles, removeProfile, testProfile } from "./commands/profiles.ts";
import { runSandbox, SandboxFlags } from "./commands/sandbox.ts";
import { serve, ServeFlags } from "./commands/serve.ts";
import { sync } from "./commands/sync.ts";
import type { CommandContext } from "./context.ts";
import { exitCodeOf } from "./exit-code.ts";
import * as flags from "./flags.ts";
import { addGetCommand, bareUnpack } from "./get-program.ts";
import { NewProfileFlags } from "./new-profile.ts";
import { addQueueCommands } from "./queue-program.ts";
import { showError } from "./show-error.ts";
import { VERSION } from "./version.ts";

type Run = (context: CommandContext) => Promise<number>;

/** Values that a person might think go into a flag. */
const SECRET_FLAG = /^--(secret|secret-key|secret-access-key|session-token|password|token)(=|$)/;

/** Runs one command line, to its exit code. Never throws. */
export async function runProgram(
  args: readonly string[],
  openContext: () => Promise<CommandContext>,
  terminal: CommandContext["terminal"],
): Promise<number> {
  try {
    if (args.some((arg) => SECRET_FLAG.test(arg))) throw secretInFlag();
    const run = parse(args, terminal);
    if (run === null) return 0;
    const context = await openContext();
    try {
      return await run(context);
    } catch (error) {
      if (!context.interrupts.signal.aborted) throw error;
      return context.interrupts.exitCode() ?? exitCodeOf("canceled");
    }
  } catch (error) {
    return reportError(error, args, terminal);
  }
}

/** Commander has said what is wrong by the time that it throws. */
function reportError(
  error: unknown,
  args: readonly string[],
  terminal: CommandContext["terminal"],
): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodeOf("invalid");
  const info = toErrorInfo(error);
  showError(info, terminal, args.includes("--json"));
  if (info.code === "internal" && error instanceof Error) terminal.err(error.stack ?? "");
  return exitCodeOf(info.code);
}

/** What to run; null when the help or the version was all that was asked. */
function parse(args: readonly string[], terminal: CommandContext["terminal"]): Run | null {
  let chosen: Run | null = null;
  const choose = (run: Run) => {
    chosen = run;
  };
  buildProgram(choose, terminal).parse(bareUnpack(args), { from: "user" });
  return chosen;
}

function buildProgram(choose: (run: Run) => void, terminal: CommandContext["terminal"]): Command {
  // Commands inherit what is set before they are added.
  const program = new Command("longhaul")
    .description("Moves large artifacts between this machine and object storage.")
    .version(VERSION)
    // Taken out before; here for the help.
    .option("-v, --verbose", "also say what is logged")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: (.)/, asUsage)),
    })
    .showSuggestionAfterError()
    .addHelpText("after", AFTER_HELP);
  addCopyCommands(program, choose);
  addGetCommand(program, choose);
  addProfileCommands(program, choose);
  addLimitCommands(program, choose);
  addQueueCommands(program, choose);
  addCacheCommands(program, choose);
  addDoctor(program, choose);
  addServers(program, choose);
  return program;
}

/** Mistakes that the parser finds look like those that are found later. */
function asUsage(_: string, first: string): string {
  return `USAGE: ${first.toUpperCase()}`;
}

const AFTER_HELP = `
The variables and files of the AWS tools (AWS_PROFILE, AWS_ENDPOINT_URL, ~/.aws) work as they are.
LONGHAUL_HOME names another folder for what Longhaul keeps. Results go to standard output, all else
to standard error. Exit codes: 0 done, 1 items failed, 2 wrong command, 3 path, setting or profile,
4 bucket or object not there, 5 endpoint away, 6 keys, 7 wrong bytes, 8 disk full, 11 other content
is there, 12 the home is taken, 130 and 143 interrupted.`;

function addCopyCommands(program: Command, choose: (run: Run) => void): void {
  flags
    .addCopyFlags(program.command("cp"))
    .description("copy files, folders, objects and prefixes (ending in /), either way")
    .usage("[options] SRC... DST")
    .argument("[paths...]", "sources, then the destination: paths and s3://bucket/key")
    .addHelpText("after", COPY_EXAMPLES)
    .action((paths: string[], options: unknown) => {
      if (paths.length < 2) {
        throw new LonghaulError("invalid", "a source and a destination are needed: cp SRC… DST");
      }
      choose((context) => copy(paths, flags.CopyFlags.parse(options), context));
    });
  flags
    .addSyncFlags(program.command("sync"))
    .description("make a prefix as a folder is, or the reverse: only what differs moves")
    .usage("[options] SRC DST")
    .argument("[paths...]", "the source, then the destination: a folder and s3://bucket/prefix/")
    .addHelpText("after", SYNC_HELP)
    .action((paths: string[], options: unknown) => {
      const read = flags.SyncFlags.parse(options);
      choose((context) => sync(paths, read, context));
    });
  flags
    .addOutputFlags(flags.addPlaceFlags(program.command("ls")))
    .description("list buckets, or what is under s3://bucket/prefix/")
    .option("-r, --recursive", "everything under it, not one level")
    .option("--versions", "every version of everything under it, the newest first")
    .argument("[uri]", "s3://bucket/prefix/; the buckets if left out")
    .action((uri: string | undefined, options: unknown) => {
      const read = flags.ListFlags.parse(options);
      choose((context) => list(uri, read, context));
    });
}

const SYNC_HELP = `
What differs at the destination is replaced without asking: also what was changed there. What no
digest proves to be the same counts as different. Without --delete nothing is deleted.
Examples:
  longhaul sync tree s3://lab/t/                   the prefix becomes as the folder is
  longhaul sync --delete s3://lab/t/ tree          the folder becomes exactly as the prefix is
  longhaul sync --every 10min s3://lab/t/ tree     and is kept so, until Ctrl-C`;

const COPY_EXAMPLES = `
Examples:
  longhaul cp model.bin s3://lab/models/           keeps the name: models/model.bin
  longhaul cp model.bin s3://lab/models/v2.bin     takes the new one
  longhaul cp tree s3://lab/t/                     t/<path inside tree>
  longhaul cp --archive tar.zst tree s3://lab/t/   one object: t/tree.tar.zst
  longhaul cp s3://lab/t/ tree                     the other way
  longhaul cp --limit-rate 40Mbit a b s3://lab/x/  several, and not too fast
The same command again goes on where it stopped.`;

function addProfileCommands(program: Command, choose: (run: Run) => void): void {
  const profiles = program
    .command("profiles")
    .description("saved endpoints and where their keys are");
  profiles
    .command("ls")
    .description("list them")
    .option("--json", "JSON lines")
    .action((options: unknown) => {
      choose((context) => listProfiles(flags.OutputFlags.parse(options), context));
    });
  addNewProfile(profiles, choose);
  profiles
    .command("test <name>")
    .description("try one, step by step")
    .option(
      "--write",
      "also write and delete a small object, and see whether conditions of writes are kept",
    )
    .option("--json", "JSON lines")
    .action((name: string, options: unknown) => {
      choose((context) => testProfile(name, flags.TestFlags.parse(options), context));
    });
  profiles
    .command("remove <name>")
    .description("remove one, with the secret that was kept for it")
    .action((name: string) => choose((context) => removeProfile(name, context)));
}

function addNewProfile(profiles: Command, choose: (run: Run) => void): void {
  const presets = ProviderPreset.exclude(["practice"]).options;
  profiles
    .command("add <name>")
    .description("add one; a secret comes on standard input, never as a flag")
    .addOption(new Option("--preset <provider>", "what it is").choices(presets))
    .option("--endpoint-url <url>", "where it is: https://minio.lab:9000; AWS if left out")
    .option("--region <name>", "the region that requests are signed for", "us-east-1")
    .addOption(
      new Option("--addressing <style>", "where the bucket's name goes, path or host name").choices(
        ["auto", "path", "virtual"],
      ),
    )
    .option("--bucket <name>", "the only bucket, for keys that may not list them")
    .option("--access-key-id <id>", "a key that Longhaul keeps; with --secret-stdin")
    .option("--secret-stdin", "read the secret access key (and a session token on a second line)")
    .option("--aws-profile <name>", "use a profile of ~/.aws")
    .option("--environment", "use AWS variables and the default chain of the AWS tools")
    .option("--anonymous", "send unsigned requests")
    .option("--part-size <size>", "bytes in one part: 16MiB", flags.parsed(flags.parsePartSize))
    .option(
      "--max-parts <n>",
      "most parts of one upload, where a server takes fewer than 10,000",
      flags.parsed(flags.parsePartCount),
    )
    .option(
      "--connections <n>",
      "most connections (1 to 256)",
      flags.parsed(flags.parseConnections),
    )
    .option("--ca-file <file>", "certificates (PEM) of who signs the endpoint's")
    .option(
      "--pin-certificate <sha256>",
      "SHA-256 of the only certificate that is believed, whoever signed it",
    )
    .action((name: string, options: unknown) => {
      choose((context) => addProfile(name, NewProfileFlags.parse(options), context));
    });
}

function addLimitCommands(program: Command, choose: (run: Run) => void): void {
  const limit = program
    .command("limit")
    .description("limits of bandwidth for all transfers, kept until they are changed");
  const rate = flags.parsed(parseRate);
  const run = (change: LimitChange | null, options: unknown) =>
    choose((context) => limitRates(change, flags.OutputFlags.parse(options), context));
  limit
    .command("show")
    .description("show them")
    .option("--json", "one JSON line")
    .action((options: unknown) => run(null, options));
  limit
    .command("off")
    .description("no limits")
    .option("--json", "one JSON line")
    .action((options: unknown) => run(noLimits, options));
  limit
    .command("schedule")
    .description(
      "a week's hours at full speed, limited or paused: 'Mon-Fri 08:00,40Mbit 18:00,off'",
    )
    .argument("<text>", "the week; or show; or off for none", flags.parsed(readScheduleWish))
    .option("--json", "one JSON line")
    .action((wish: ScheduleWish, options: unknown) =>
      choose((context) => limitSchedule(wish, flags.OutputFlags.parse(options), context)),
    );
  limit
    .command("set")
    .description("one rate for both directions, or one each: 40Mbit, 5MB")
    .argument("[rate]", "for both", rate)
    .option("--down <rate>", "downloads", rate)
    .option("--up <rate>", "uploads", rate)
    .option("--json", "one JSON line")
    .action((both: number | undefined, options: unknown) => {
      const { down, up } = flags.RateFlags.parse(options);
      run(setLimits(both ?? null, down, up), options);
    });
}

function addDoctor(program: Command, choose: (run: Run) => void): void {
  program
    .command("doctor")
    .description("look at this machine, the home and the profiles, and say what is wrong")
    .option("--json", "JSON lines")
    .option("--save <file>", "also write what helps somebody who helps; no secret is in it")
    .action((options: unknown) => {
      choose((context) => examine(flags.DoctorFlags.parse(options), context));
    });
}

function addServers(program: Command, choose: (run: Run) => void): void {
  const port = flags.parsed(flags.parsePort);
  program
    .command("serve")
    .description("the engine and its window for a browser")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <n>", "the port; 0 is any free one; 7478, where it is free, if left out", port)
    .option("--open", "open the browser")
    .option(
      "--root <dir>",
      "a folder the page may see (repeatable); your home if left out",
      flags.collect,
    )
    .option("--tls-cert <file>", "certificate, PEM")
    .option("--tls-key <file>", "its key, PEM")
    .option("--allow-host <name>", "a name it may be called by (repeatable)", flags.collect)
    .action((options: unknown) => choose((context) => serve(ServeFlags.parse(options), context)));
  program
    .command("sandbox")
    .description("an S3 store on local files, for trying things")
    .option("--dir <dir>", "where it keeps them; longhaul-sandbox in this folder if left out")
    .option("--port <n>", "the port; any free one if left out", port)
    .option("--keys <file>", "its keys; made where it is missing; keys.json in --dir if left out")
    .option("--bucket <name>", "a bucket to make (repeatable)", flags.collect)
    .option("--log <file>", "one JSON line for each request")
    .option("--json", "one JSON line when it is ready")
    .action((options: unknown) =>
      choose((context) => runSandbox(SandboxFlags.parse(options), context)),
    );
}

function secretInFlag(): LonghaulError {
  return new LonghaulError(
    "invalid",
    "a secret is never a flag: every user of this machine could read it. Use --secret-stdin, an AWS profile or AWS variables",
  );
}
