import type { Command } from "commander";
import { Argument } from "commander";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { QueueChange } from "./commands/queue.ts";
import { changeQueue, changeWholeQueue, listQueue } from "./commands/queue.ts";
import { listUnfinished } from "./commands/queue-unfinished.ts";
import type { CommandContext } from "./context.ts";

type Choose = (run: (context: CommandContext) => Promise<number>) => void;

const isSet = z.boolean().default(false);
const QueueFlags = z.object({ json: isSet, all: isSet, keepParts: isSet, unfinished: isSet });
const MoveTo = z.enum(["top", "up", "down", "bottom"]);

/** `longhaul queue …` */
export function addQueueCommands(program: Command, choose: Choose): void {
  const queue = program
    .command("queue")
    .description("the transfers of this home, whoever runs them; ids may be shortened");
  queue
    .command("ls")
    .description("list them, in their order")
    .option("--unfinished", "what transfers that are not under way have left, here and in buckets")
    .option("--json", "JSON lines")
    .action((options: unknown) => {
      const flags = QueueFlags.parse(options);
      const run = flags.unfinished ? listUnfinished : listQueue;
      choose((context) => run(flags, context));
    });
  for (const act of ["pause", "resume"] as const) {
    queue
      .command(`${act} [ids...]`)
      .description(act === "pause" ? "stop moving, keep what was moved" : "go on; failed ones, too")
      .option("--all", act === "pause" ? "all that are unfinished" : "all that were paused by hand")
      .option("--json", "JSON lines")
      .action((ids: string[], options: unknown) =>
        choose(oneOrAll(act, ids, QueueFlags.parse(options))),
      );
  }
  queue
    .command("cancel <ids...>")
    .description("end it, and remove what it moved and did not finish, here and there")
    .option("--keep-parts", "leave what it moved, for a later transfer of the same")
    .option("--json", "JSON lines")
    .action((ids: string[], options: unknown) => {
      const flags = QueueFlags.parse(options);
      const change: QueueChange = { act: "cancel", keepParts: flags.keepParts };
      choose((context) => changeQueue(ids, change, flags, context));
    });
  queue
    .command("move")
    .description("let it go earlier or later")
    .argument("<id>")
    .addArgument(new Argument("<to>", "where to").choices(MoveTo.options))
    .option("--json", "JSON lines")
    .action((id: string, to: string, options: unknown) => {
      const change: QueueChange = { act: "move", to: MoveTo.parse(to) };
      choose((context) => changeQueue([id], change, QueueFlags.parse(options), context));
    });
}

function oneOrAll(
  act: "pause" | "resume",
  ids: readonly string[],
  flags: z.infer<typeof QueueFlags>,
): (context: CommandContext) => Promise<number> {
  if (ids.length > 0 === flags.all) {
    throw new LonghaulError("invalid", `name the transfers to ${act} by their ids, or say --all`);
  }
  return flags.all
    ? (context) => changeWholeQueue(act, flags, context)
    : (context) => changeQueue(ids, { act }, flags, context);
}
