import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { ArtifactRequest, PlacedRequest } from "../artifacts/artifact-request.ts";
import type { FetchStep } from "../artifacts/plan-downloads.ts";
import { planDownloads } from "../artifacts/plan-downloads.ts";
import { chooseProfiles } from "../artifacts/choose-profiles.ts";
import type { Problem } from "../artifacts/problem.ts";
import { problemLine } from "../artifacts/problem.ts";
import { readRequests } from "../artifacts/read-requests.ts";
import { reportFetches } from "../artifacts/report-fetches.ts";
import { requestOfWords } from "../artifacts/request-of-words.ts";
import type { CommandContext } from "../context.ts";
import { previewLine, previewStep } from "../copy-preview.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { GetFlags } from "../get-flags.ts";
import { showText } from "../quote.ts";
import { withSession } from "../session.ts";
import type { Move } from "../transfer-run.ts";
import { moveSession, refuseOwnMeans, TransferRun } from "../transfer-run.ts";

/**
 * `longhaul get -f FILE…` and `longhaul get s3://bucket/key DEST`. Returns the exit code: 0 only when
 * every file is in place and proven. @throws {LonghaulError} before anything has moved.
 */
export async function get(
  words: readonly string[],
  flags: GetFlags,
  context: CommandContext,
): Promise<number> {
  const asked = await requestsOf(words, flags, context);
  if (asked.problems.length > 0) return tellProblems(asked.problems, "invalid", flags, context);
  const chosen = await chooseProfiles(asked.requests, flags, context);
  if (chosen.problems.length > 0) {
    return tellProblems(chosen.problems, "profile-missing", flags, context);
  }
  const steps = planDownloads(asked.requests);
  const profileOf = (step: FetchStep) => chosen.profileOf(step.profile);
  const options = moveSession("get", chosen.all, { ...flags, connections: null });
  return withSession(context.openEngine, options, async (session) => {
    const { client } = session;
    if (session.isAttached()) refuseOwnMeans({ ...flags, connections: null });
    if (flags.dryRun) return preview(client, steps, profileOf, { ...context, json: flags.json });
    const moves = steps.map((step) => toMove(step, profileOf(step), flags));
    const means = { client, terminal: context.terminal, style: flags };
    return new TransferRun(session, flags, context).run(
      moves,
      async (views) => await reportFetches(steps, views, means),
    );
  });
}

type Asked = {
  readonly requests: readonly (ArtifactRequest | PlacedRequest)[];
  readonly problems: readonly Problem[];
};

async function requestsOf(
  words: readonly string[],
  flags: GetFlags,
  context: CommandContext,
): Promise<Asked> {
  if (flags.file.length === 0) {
    return { requests: [await requestOfWords(words, flags, context.workingFolder)], problems: [] };
  }
  const unheard = words.length > 0 ? `${words[0]} besides -f` : flagOfTheFile(flags);
  if (unheard !== null) {
    throw new LonghaulError("invalid", `${unheard} is not heard: what is fetched is in the file`);
  }
  return await readRequests(flags.file, context);
}

/** What a file says for itself. */
function flagOfTheFile({ cache, unpack, method, include, exclude }: GetFlags): string | null {
  if (cache) return "--cache";
  if (unpack !== null) return "--unpack";
  if (method !== null) return "--method";
  if (include.length > 0) return "--include";
  return exclude.length > 0 ? "--exclude" : null;
}

/** One line each, so that an editor can jump to them. */
function tellProblems(
  problems: readonly Problem[],
  code: "invalid" | "profile-missing",
  { json }: GetFlags,
  { terminal }: CommandContext,
): number {
  for (const problem of problems) {
    if (json) terminal.out(JSON.stringify({ type: "problem", code, ...problem }));
    else terminal.err(showText(problemLine(problem)));
  }
  return exitCodeOf(code);
}

async function preview(
  client: Client,
  steps: readonly FetchStep[],
  profileOf: (step: FetchStep) => Profile,
  { terminal, json }: Pick<CommandContext, "terminal"> & { readonly json: boolean },
): Promise<number> {
  for (const step of steps) {
    const found = await previewStep(client, step, profileOf(step), step);
    terminal.out(json ? JSON.stringify({ type: "preview", ...found }) : previewLine(found));
  }
  return 0;
}

function toMove(step: FetchStep, profile: Profile, { verify }: GetFlags): Move {
  const { bucket, keys, folder, rename, contentsOnly, include, exclude, cache, unpack } = step;
  return {
    folder,
    start: async (client, onConflict) =>
      await client.call("transfer.download", {
        profileId: profile.id,
        bucket,
        keys: [...keys],
        folder: { path: folder },
        rename,
        contentsOnly,
        include: [...include],
        exclude: [...exclude],
        onConflict,
        // What is asked for is the object as it is now; a file that somebody wrote to is a conflict.
        replacesStale: onConflict !== "skip",
        readBack: verify,
        cache,
        unpack: unpack && { destination: { path: unpack.folder }, method: unpack.method },
      }),
  };
}
