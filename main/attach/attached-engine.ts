import type { CallHandlers, CallInput, CallName } from "#shared/contract.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { Reply } from "#shared/client.ts";
import type { Engine, EngineHost, IncomingDoor } from "../engine-host.ts";
import type { LocalLink } from "./local-link.ts";
import { z } from "zod";
import { callSchemas, isCallName } from "#shared/contract.ts";
import { fromErrorInfo } from "#shared/errors.ts";
import { folderCalls } from "../calls/folder-calls.ts";
import { helpCalls, refuseNoCopy } from "../calls/host-calls.ts";
import { limitPage } from "../calls/limit-page.ts";
import { resolveUnpacked } from "../calls/to-spec.ts";
import { SpaceLedger } from "../disk/free-space.ts";

type Ports = {
  readonly link: LocalLink;
  readonly host: EngineHost;
};

/**
 * The engine of another process as if it were here. Paths are looked up by this host first: its
 * page may see what this host lets it, not what the other's may.
 */
export function attachedEngine({ link, host }: Ports): Pick<Engine, "handlers" | "incoming"> {
  const handlers = boundedBy(host, remoteHandlers(link));
  const resolve = host.resolveRef.bind(host);
  return { handlers: limitPage(host.info, resolve, handlers), incoming: remoteDoor(link) };
}

function remoteHandlers(link: LocalLink): CallHandlers {
  return handlersFor(async (name, input) =>
    callSchemas[name].output.parse(valueOf(await link.ask({ ask: "call", name, input }))),
  );
}

/** One function for every call of the contract. */
export function handlersFor(
  call: <N extends CallName>(name: N, input: CallInput<N>) => Promise<unknown>,
): CallHandlers {
  const names = Object.keys(callSchemas).filter(isCallName);
  const entries = names.map((name) => [name, (input: never) => call(name, input)]);
  // Made from the list of all calls: nothing that is typed could make sure of more.
  return z.custom<CallHandlers>().parse(Object.fromEntries(entries));
}

function boundedBy(host: EngineHost, remote: CallHandlers): CallHandlers {
  const resolve = host.resolveRef.bind(host);
  const bounded = async (ref: LocalRef, use: "read" | "write") => ({
    path: await resolve(ref, use),
  });
  return {
    ...remote,
    "host.info": async () => host.info,
    "host.pick": async ({ kind, title }) => [...(await host.pick(kind, title))],
    "host.showInFolder": async ({ id }) => {
      const views = await remote["transfer.list"](null);
      const to = views.find((view) => view.id === id)?.to;
      if (to?.kind === "local") await host.showInFolder(to.path);
      return null;
    },
    "host.showCopy": async ({ path }) => {
      const asked = callSchemas["cache.list"].input.parse({ query: path, limit: 500 });
      const { entries } = await remote["cache.list"](asked);
      refuseNoCopy(entries.some((entry) => entry.path === path));
      await host.showInFolder(path);
      return null;
    },
    ...helpCalls(host, async () => await remote["host.diagnostics"](null)),
    "transfer.upload": async (request) => {
      const sources = await Promise.all(request.sources.map((ref) => bounded(ref, "read")));
      return await remote["transfer.upload"]({ ...request, sources });
    },
    "transfer.download": async (request) => {
      const folder = await bounded(request.folder, "write");
      const unpack = request.unpack && {
        ...request.unpack,
        destination: { path: await resolveUnpacked(request.unpack.destination, resolve) },
      };
      return await remote["transfer.download"]({ ...request, folder, unpack });
    },
    "cache.addFolder": async (request) => {
      const folder = await bounded(request.folder, "write");
      return await remote["cache.addFolder"]({ ...request, folder });
    },
    "follow.set": async (request) => {
      const folder = await bounded(request.folder, "write");
      return await remote["follow.set"]({ ...request, folder });
    },
    "library.measure": async (request) => {
      const folder = request.folder && (await bounded(request.folder, "write"));
      return await remote["library.measure"]({ ...request, folder });
    },
    ...folderCalls({ info: host.info, resolve, space: new SpaceLedger() }),
    "folder.space": async ({ folder }) =>
      await remote["folder.space"]({ folder: await bounded(folder, "write") }),
  };
}

const Begun = z.strictObject({ path: z.string() });

function remoteDoor(link: LocalLink): IncomingDoor {
  return {
    begin: async (ticket, offsetBytes, lengthBytes) =>
      Begun.parse(valueOf(await link.ask({ ask: "begin", ticket, offsetBytes, lengthBytes }))),
    progress: (ticket, offsetBytes) => link.progress(ticket, offsetBytes),
    end: async (ticket, offsetBytes) => {
      valueOf(await link.ask({ ask: "end", ticket, offsetBytes }));
    },
  };
}

function valueOf(reply: Reply): unknown {
  if (reply.ok) return reply.value;
  throw fromErrorInfo(reply.error);
}
