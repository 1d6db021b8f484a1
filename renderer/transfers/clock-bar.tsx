import { IconClockExclamation } from "@tabler/icons-react";
import type { ProfileView } from "#shared/contract.ts";
import type { TransferView } from "#shared/transfer.ts";
import { clockOffsetOf } from "#shared/error-phrases.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { remoteOf } from "./place-text.ts";
import classes from "./question-bar.module.css";

/** Says once that this computer's clock is off, while a transfer meets that; it asks nothing. */
export function ClockBar() {
  const profiles = useProfileStore((state) => state.profiles);
  const skewed = useTransferStore((state) => findSkewed(profiles ?? [], state.byId.values()));
  if (skewed === null) return null;
  const { clockAheadSeconds, profile } = skewed;
  return (
    <div className={classes.bar} data-kind="endpoint" role="status">
      <IconClockExclamation size={18} stroke={1.7} aria-hidden />
      <div className={classes.text}>
        <strong>{`This computer's clock is ${clockOffsetOf({ clockAheadSeconds })}.`}</strong>
        <span>{`Transfers go on with the time of ${profile.name}. Set the clock, best by the network.`}</span>
      </div>
    </div>
  );
}

/** Of the first transfer under way whose endpoint has another time. */
function findSkewed(
  profiles: readonly ProfileView[],
  transfers: Iterable<TransferView>,
): ProfileView | null {
  const skewed = profiles.filter(({ clockAheadSeconds }) => clockAheadSeconds !== undefined);
  if (skewed.length === 0) return null;
  for (const view of transfers) {
    if (view.state.phase !== "running" && view.state.phase !== "verifying") continue;
    const found = skewed.find(({ profile }) => profile.id === remoteOf(view)?.profileId);
    if (found) return found;
  }
  return null;
}
