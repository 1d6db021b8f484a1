import { Button } from "@mantine/core";
import { IconKey, IconPlugConnectedX } from "@tabler/icons-react";
import type { TransferId } from "#shared/transfer.ts";
import { useStable } from "../common/use-stable.ts";
import { useAct } from "../host/use-act.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import type { SharedTrouble } from "./shared-trouble.ts";
import { areSameTroubles, findSharedTroubles } from "./shared-trouble.ts";
import classes from "./question-bar.module.css";

/**
 * Said once for all the transfers that wait for the same thing; it blocks nothing else. Keys that are
 * missing ask and are amber; an endpoint that is away heals by itself and is not.
 */
export function QuestionBars() {
  const troubles = useTransferStore(
    useStable((state) => findSharedTroubles(state.byId.values()), areSameTroubles),
  );
  return troubles.map((trouble) => (
    <QuestionBar key={`${trouble.kind} ${trouble.profileId}`} trouble={trouble} />
  ));
}

function QuestionBar({ trouble }: { readonly trouble: SharedTrouble }) {
  const act = useAct();
  const editProfile = useScreenStore((state) => state.editProfile);
  const { kind, what, ids } = trouble;
  const Icon = kind === "keys" ? IconKey : IconPlugConnectedX;
  const resume = (all: readonly TransferId[]) => {
    for (const id of all) act("transfer.resume", { id });
  };
  return (
    <div className={classes.bar} data-kind={kind === "keys" ? "sign-in" : "endpoint"} role="alert">
      <Icon size={18} stroke={1.7} aria-hidden />
      <div className={classes.text}>
        <strong>{what}</strong>
        <span>{noteOf(trouble)}</span>
      </div>
      <Button onClick={() => resume(ids)}>{kind === "keys" ? "Try again" : "Try now"}</Button>
      {kind === "keys" && (
        <Button variant="filled" onClick={() => editProfile(trouble.profileId)}>
          Open {trouble.profileName}
        </Button>
      )}
    </div>
  );
}

function noteOf({ kind, ids }: SharedTrouble): string {
  const wait = ids.length === 1 ? "1 transfer waits" : `${ids.length} transfers wait`;
  return kind === "keys"
    ? `${wait} for it. What was moved is kept.`
    : `${wait} and go on by themselves when it is back.`;
}
