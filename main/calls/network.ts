import type { NetworkSettings } from "#shared/network.ts";
import type { EngineHost } from "../engine-host.ts";
import type { SettingsBook } from "../profiles/settings-book.ts";
import type { ItemLimits } from "../transfers/run-ports.ts";
import type { Wire, WireTuning } from "../wire/wire.ts";
import { ProfileId } from "#shared/profile.ts";
import { NetworkRoutes } from "../profiles/network-routes.ts";

/** Where the secrets are, beside those of profiles, whose ids are other ones. */
const PROXY_SECRET = ProfileId.parse("network-proxy");

/** The network's settings at work. */
export type Network = {
  readonly routes: NetworkRoutes;
  /** As it is now. */
  readonly tuning: () => WireTuning;
  readonly itemLimits: () => ItemLimits;
  /** Null forgets it. */
  readonly keepProxyPassword: (password: string | null) => Promise<void>;
};

/** @param onTuned Told when times or numbers changed, after the wire was. */
export function openNetwork(
  host: EngineHost,
  settings: SettingsBook,
  { wire, onTuned }: { readonly wire: Pick<Wire, "tune">; readonly onTuned: () => void },
): Network {
  const routes = new NetworkRoutes({
    settings: () => settings.get().network,
    password: async () => (await host.secrets.get(PROXY_SECRET))?.secretAccessKey ?? null,
    systemProxy: host.systemProxy,
    environment: process.env,
    clock: host.clock,
  });
  const tuning = () => tuningOf(host, settings.get().network);
  let tuned = JSON.stringify(tuning());
  wire.tune(tuning());
  settings.onChange(() => {
    routes.forget();
    if (JSON.stringify(tuning()) === tuned) return;
    tuned = JSON.stringify(tuning());
    wire.tune(tuning());
    onTuned();
  });
  return {
    routes,
    tuning,
    itemLimits: () => {
      const { smallFiles, largeFiles } = settings.get().network;
      return { small: smallFiles, large: largeFiles };
    },
    keepProxyPassword: async (password) => {
      if (password === null) await host.secrets.remove(PROXY_SECRET);
      else await host.secrets.set(PROXY_SECRET, { secretAccessKey: password });
      routes.forget();
    },
  };
}

/** What a host says goes before the settings. */
function tuningOf({ connections, waits }: EngineHost, network: NetworkSettings): WireTuning {
  return {
    connectTimeoutMs: waits?.connectTimeoutMs ?? network.connectSeconds * 1000,
    stallMs: waits?.stallMs ?? network.stallSeconds * 1000,
    connections: connections ?? network.connections,
  };
}
