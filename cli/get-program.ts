import type { Command } from "commander";
import { Option } from "commander";
import { UnpackMethod } from "#shared/archive.ts";
import { get } from "./commands/get.ts";
import type { CommandContext } from "./context.ts";
import * as flags from "./flags.ts";
import { GetFlags } from "./get-flags.ts";

type Choose = (run: (context: CommandContext) => Promise<number>) => void;

/** `longhaul get …` */
export function addGetCommand(program: Command, choose: Choose): void {
  const command = flags
    .addOutputFlags(flags.addPlaceFlags(program.command("get")))
    .description("fetch what a file asks for, or one object or prefix, and prove that it is there")
    .usage("[options] -f FILE... | s3://bucket/key DEST")
    .argument("[words...]", "for one: s3://bucket/key or s3://bucket/prefix/, and where it goes")
    .optionsGroup("What is fetched:")
    .option("-f, --file <file...>", "files with requests, YAML or JSON; - is standard input")
    .option("-n, --dry-run", "say what would be fetched, and fetch nothing")
    .option("--cache", "keep it in the cache, and take from it what is there")
    .option("--unpack [dir]", "unpack the archive into --unpack=DIR; beside it if no DIR is given")
    .addOption(
      new Option("--method <name>", "how the archive is read").choices(UnpackMethod.options),
    );
  flags.addFilterFlags(command);
  flags.addCareFlags(command, ["skip", "replace", "fail"]).optionsGroup("How it is moved:");
  flags
    .addPaceFlags(command)
    .addHelpText("after", EXAMPLES)
    .action((words: string[], options: unknown) => {
      const read = GetFlags.parse(options);
      choose((context) => get(words, read, context));
    });
}

/** `--unpack` takes its folder behind a `=` only: what follows it otherwise is not its. */
export function bareUnpack(args: readonly string[]): readonly string[] {
  if (args[0] !== "get") return args;
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.map((arg, index) => (arg === "--unpack" && index < end ? "--unpack=" : arg));
}

const EXAMPLES = `
Examples:
  longhaul get -f artifacts.yaml                      all of it, from all its profiles
  longhaul get s3://models/llama/model.safetensors /data/llama/
  longhaul get s3://models/llama/ /data/llama --exclude '*.bin'
How to write a file: docs/artifacts.md. The same command again goes on where it stopped, and moves
nothing of what is there. It ends with 0 only when every file is in place and proven.`;
