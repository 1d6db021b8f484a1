import type { CallHandlers } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { OpenedStore } from "../transfers/run-ports.ts";
import type { Wire } from "../wire/wire.ts";
import { ModelDescriber } from "../models/describe-models.ts";
import { findModels } from "../models/find-models.ts";
import { soon } from "./soon.ts";

/** The calls with which a page sees models in buckets. */
export function libraryModels(ports: {
  readonly wire: Wire;
  readonly openStore: (
    profileId: ProfileId,
    bucket: string,
    signal: AbortSignal,
  ) => Promise<Pick<OpenedStore, "store" | "slots">>;
}): Pick<CallHandlers, "library.models" | "library.describe"> {
  const describer = new ModelDescriber();
  return {
    "library.models": async ({ profileId, bucket, prefix, cursor }) =>
      await soon(async (signal) => {
        const { store } = await ports.openStore(profileId, bucket, signal);
        return await findModels(store, { prefix, cursor }, signal);
      }),
    "library.describe": async ({ profileId, bucket, variants, isDeep }) =>
      await soon(async (signal) => {
        const { store, slots } = await ports.openStore(profileId, bucket, signal);
        const meter = ports.wire.openMeter();
        try {
          const means = { store, slots, wire: ports.wire, meter };
          return await describer.describe({ profileId, bucket }, variants, isDeep, {
            means,
            signal,
          });
        } finally {
          meter.free();
        }
      }),
  };
}
