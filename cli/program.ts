import { Command, CommanderError, Option } from "commander";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { parseRate } from "#shared/format.ts";
import { ProviderPreset } from "#shared/profile.ts";
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
import type { CommandContext } from "./context.ts";
import { exitCodeOf } from "./exit-code.ts";
import * as flags from "./flags.ts";
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
  buildProgram(choose, terminal).parse(args, { from: "user" });
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
    })
    .showSuggestionAfterError();
  addCopyCommands(program, choose);
  addProfileCommands(program, choose);
  addLimitCommands(program, choose);
  addQueueCommands(program, choose);
  addDoctor(program, choose);
  addServers(program, choose);
  return program;
}

function addCopyCommands(program: Command, choose: (run: Run) => void): void {
  flags
    .addCopyFlags(program.command("cp"))
    .description("copy files, folders, objects and prefixes (ending in /), either way")
    .usage("[options] SRC... DST")
    .argument("<paths...>", "sources, then the destination: paths and s3://bucket/key")
    .addHelpText("after", COPY_EXAMPLES)
    .action((paths: string[], options: unknown) => {
      if (paths.length < 2)
        throw new LonghaulError("invalid", "cp needs a source and a destination");
      choose((context) => copy(paths, flags.CopyFlags.parse(options), context));
    });
  flags
    .addOutputFlags(flags.addPlaceFlags(program.command("ls")))
    .description("list buckets, or what is under s3://bucket/prefix")
    .option("--versions", "every version under it, the newest first")
    .argument("[uri]")
    .action((uri: string | undefined, options: unknown) => {
      const read = flags.ListFlags.parse(options);
      choose((context) => list(uri, read, context));
    });
}

const COPY_EXAMPLES = `
Examples:
  longhaul cp model.bin s3://lab/models/           keeps the name: models/model.bin
  longhaul cp model.bin s3://lab/models/v2.bin     takes the new one
  longhaul cp tree s3://lab/t/                     t/<path inside tree>
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
  const presets = ProviderPreset.exclude(["practice"]).options;
  profiles
    .command("add <name>")
    .description("add one; a secret comes on standard input, never as a flag")
    .addOption(new Option("--preset <provider>", "what it is").choices(presets))
    .option("--endpoint-url <url>", "where; AWS if left out")
    .option("--region <name>", "the region", "us-east-1")
    .addOption(
      new Option("--addressing <style>", "of buckets").choices(["auto", "path", "virtual"]),
    )
    .option("--bucket <name>", "the only bucket, for keys that may not list them")
    .option("--access-key-id <id>", "a key that Longhaul keeps; with --secret-stdin")
    .option("--secret-stdin", "read the secret access key (and a session token on a second line)")
    .option("--aws-profile <name>", "use a profile of ~/.aws")
    .option("--environment", "use AWS variables and the default chain of the AWS tools")
    .option("--anonymous", "send unsigned requests")
    .option("--part-size <size>", "bytes in one part: 16MiB", flags.parsed(flags.parsePartSize))
    .option("--max-parts <n>", "most parts of one upload", flags.parsed(flags.parsePartCount))
    .option("--connections <n>", "most sockets (1 to 256)", flags.parsed(flags.parseConnections))
    .action((name: string, options: unknown) => {
      choose((context) => addProfile(name, NewProfileFlags.parse(options), context));
    });
  profiles
    .command("test <name>")
    .description("try one, step by step")
    .option("--write", "also write and delete a small object", false)
    .option("--json", "JSON lines", false)
    .action((name: string, options: { write: boolean; json: boolean }) => {
      choose((context) => testProfile(name, options, context));
    });
  profiles
    .command("remove <name>")
    .description("remove one, with the secret that was kept for it")
    .action((name: string) => choose((context) => removeProfile(name, context)));
}

function addLimitCommands(program: Command, choose: (run: Run) => void): void {
  const limit = program.command("limit").description("the kept limits of bandwidth");
  const rate = flags.parsed(parseRate);
  const run = (change: LimitChange | null, options: Pick<RateFlags, "json">) =>
    choose((context) => limitRates(change, options, context));
  limit
    .command("show")
    .description("show them")
    .option("--json", "one JSON line", false)
    .action((options: RateFlags) => run(null, options));
  limit
    .command("off")
    .description("no limits")
    .option("--json", "one JSON line", false)
    .action((options: RateFlags) => run(noLimits, options));
  limit
    .command("schedule")
    .description(
      "a week's hours at full speed, limited or paused: 'Mon-Fri 08:00,40Mbit 18:00,off'",
    )
    .argument("<text>", "the week; or show; or off for none", flags.parsed(readScheduleWish))
    .option("--json", "one JSON line", false)
    .action((wish: ScheduleWish, options: RateFlags) =>
      choose((context) => limitSchedule(wish, options, context)),
    );
  limit
    .command("set")
    .description("one rate for both directions, or one each: 40Mbit, 5MB")
    .argument("[rate]", "for both", rate)
    .option("--down <rate>", "downloads", rate)
    .option("--up <rate>", "uploads", rate)
    .option("--json", "one JSON line", false)
    .action((both: number | undefined, options: RateFlags) => {
      const { down = null, up = null } = options;
      run(setLimits(both ?? null, down, up), options);
    });
}

type RateFlags = { readonly down?: number; readonly up?: number; readonly json: boolean };

function addDoctor(program: Command, choose: (run: Run) => void): void {
  program
    .command("doctor")
    .description("look at this machine, the home and the profiles, and say what is wrong")
    .option("--json", "JSON lines", false)
    .action((options: { readonly json: boolean }) => {
      choose((context) => examine(options, context));
    });
}

function addServers(program: Command, choose: (run: Run) => void): void {
  const port = flags.parsed(flags.parsePort);
  program
    .command("serve")
    .description("the engine and its window for a browser")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <n>", "the port; 0 is any free one", port)
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
    .option("--dir <dir>", "where it keeps them (longhaul-sandbox)")
    .option("--port <n>", "the port; any free one if left out", port)
    .option("--keys <file>", "its keys; made where it is missing")
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
