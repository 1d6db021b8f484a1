import { resolve } from "node:path";
import type { Command } from "commander";
import { Option } from "commander";
import { z } from "zod";
import { CacheFilter, CacheSort } from "#shared/cache.ts";
import { LonghaulError } from "#shared/errors.ts";
import { parseSize } from "#shared/format.ts";
import { forgetCopies, listCopies, pinCopies } from "./commands/cache.ts";
import { addFolder, listFolders, removeFolder, setFolder } from "./commands/cache-folders.ts";
import { pruneCache } from "./commands/cache-prune.ts";
import { workOnCache } from "./commands/cache-work.ts";
import type { CommandContext } from "./context.ts";
import { addPlaceFlags, parsed, PlaceFlags } from "./flags.ts";

type Choose = (run: (context: CommandContext) => Promise<number>) => void;

const isSet = z.boolean().default(false);
const size = z.number().nullable().default(null);
const Output = z.object({ json: isSet });
const WorkFlags = z.object({ ...PlaceFlags.shape, json: isSet });
const ListFlags = z.object({
  json: isSet,
  sort: CacheSort.default("used"),
  filter: CacheFilter.default("all"),
  reverse: isSet,
});
const PruneFlags = z.object({
  json: isSet,
  dryRun: isSet,
  free: size,
  folder: z.string().nullable().default(null),
});
/** Absent stays as it is; Infinity is none. */
const FolderFlags = z.object({
  json: isSet,
  quota: z.union([z.number(), z.literal(Infinity)]).optional(),
  keepFree: z.number().optional(),
});

const NAMES = "paths of files, or s3://bucket/key";

/** `longhaul cache …` */
export function addCacheCommands(program: Command, choose: Choose): void {
  const cache = program
    .command("cache")
    .description("files here that are copies of objects, and the folders that copies are kept in");
  addListing(cache, choose);
  addWork(cache, choose);
  addPrune(cache, choose);
  addFolders(cache, choose);
}

function addListing(cache: Command, choose: Choose): void {
  cache
    .command("ls [text]")
    .description("list them, those with the text in their path or key; the last used first")
    .addOption(new Option("--sort <by>", "in which order").choices(CacheSort.options))
    .addOption(new Option("--filter <which>", "only these").choices(CacheFilter.options))
    .option("--reverse", "the other way round")
    .option("--json", "JSON lines")
    .action((text: string | undefined, options: unknown) => {
      const flags = ListFlags.parse(options);
      choose((context) => listCopies(text ?? "", flags, context));
    });
  for (const isPinned of [true, false]) {
    cache
      .command(isPinned ? "pin" : "unpin")
      .description(isPinned ? "never evict these copies" : "evict them like others")
      .argument("<names...>", NAMES)
      .option("--json", "JSON lines")
      .action((names: string[], options: unknown) =>
        choose((context) => pinCopies(names, isPinned, Output.parse(options), context)),
      );
  }
  cache
    .command("forget")
    .description("forget that files are copies; the files are not touched")
    .argument("<names...>", NAMES)
    .option("--json", "JSON lines")
    .action((names: string[], options: unknown) =>
      choose((context) => forgetCopies(names, Output.parse(options), context)),
    );
}

function addWork(cache: Command, choose: Choose): void {
  addPlaceFlags(cache.command("verify"))
    .description("read copies and compare them with their objects; all if none is named")
    .argument("[names...]", NAMES)
    .option("--json", "one JSON line")
    .action((names: string[], options: unknown) =>
      choose((context) => workOnCache("verify", names, WorkFlags.parse(options), context)),
    );
  addPlaceFlags(cache.command("repair"))
    .description("fetch what is wrong in damaged copies, piece by piece; all if none is named")
    .argument("[names...]", `${NAMES}; one that is named is repaired also if it was written to`)
    .option("--json", "one JSON line")
    .action((names: string[], options: unknown) =>
      choose((context) => workOnCache("repair", names, WorkFlags.parse(options), context)),
    );
}

function addPrune(cache: Command, choose: Choose): void {
  cache
    .command("prune")
    .description("delete copies, the least recently used first; to the quotas if nothing is said")
    .option("--free <size>", "until so much is freed: 50GB", parsed(parseSize))
    .option("--folder <dir>", "only of this cache folder")
    .option("-n, --dry-run", "say what would be deleted, and delete nothing")
    .option("--json", "JSON lines")
    .action((options: unknown) => {
      const flags = PruneFlags.parse(options);
      choose((context) => pruneCache(inFolder(flags, context), context));
    });
}

function inFolder(flags: z.infer<typeof PruneFlags>, { workingFolder }: CommandContext) {
  const { folder } = flags;
  return { ...flags, folder: folder === null ? null : resolve(workingFolder, folder) };
}

function addFolders(cache: Command, choose: Choose): void {
  cache
    .command("folders")
    .description("the folders that copies are kept in, with their quotas")
    .option("--json", "JSON lines")
    .action((options: unknown) => choose((context) => listFolders(Output.parse(options), context)));
  for (const act of ["add-folder", "set-folder"] as const) {
    cache
      .command(`${act} <dir>`)
      .description(act === "add-folder" ? "keep copies there, too" : "change its quota or floor")
      .option("--quota <size>", "at most so much of copies: 500GB, or off", parsed(parseQuota))
      .addOption(
        new Option("--keep-free <size>", "leave so much free on its disk: 20GB")
          .argParser(parsed(parseSize))
          .hideHelp(act === "add-folder"),
      )
      .option("--json", "one JSON line")
      .action((dir: string, options: unknown) => {
        const flags = FolderFlags.parse(options);
        const change = act === "add-folder" ? addFolder : setFolder;
        choose((context) => change(resolve(context.workingFolder, dir), flags, context));
      });
  }
  cache
    .command("remove-folder <dir>")
    .description("forget a cache folder; nothing in it is deleted")
    .option("--json", "one JSON line")
    .action((dir: string, options: unknown) =>
      choose((context) =>
        removeFolder(resolve(context.workingFolder, dir), Output.parse(options), context),
      ),
    );
}

function parseQuota(text: string): number {
  if (text.trim() === "off") return Infinity;
  const bytes = parseSize(text);
  if (bytes > 0) return bytes;
  throw new LonghaulError("invalid", "a quota is more than nothing; off is none");
}
