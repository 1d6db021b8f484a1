import type { HostInfo } from "#shared/contract.ts";
import type { Place, TransferView } from "#shared/transfer.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { useNow } from "../../common/use-now.ts";
import { clockText } from "../../common/clock-text.ts";
import { useStatusStore } from "../../state/status-store.ts";
import { addressOf, placeText, remoteOf } from "../place-text.ts";
import { DetailSection } from "./detail-section.tsx";
import type { Fact } from "./facts.tsx";
import { Facts } from "./facts.tsx";

export function DetailFacts({ view }: { readonly view: TransferView }) {
  const host = useStatusStore((state) => state.host);
  const nowMs = useNow(false);
  return (
    <DetailSection title="Facts">
      <Facts facts={factsOf(view, host, nowMs)} />
    </DetailSection>
  );
}

export function factsOf(view: TransferView, host: HostInfo | null, nowMs: number): readonly Fact[] {
  return [
    placeFact("From", view.from, host),
    placeFact("To", view.to, host),
    ...(view.unpack
      ? [placeFact("Unpack to", { kind: "local", path: view.unpack.destination }, host)]
      : []),
    { label: "Profile", value: remoteOf(view)?.profileName ?? "" },
    { label: "Started", value: startedText(view, nowMs) },
    ...(view.itemCount === 1 ? [] : [{ label: "Files", value: filesText(view) }]),
  ];
}

function placeFact(label: string, place: Place, host: HostInfo | null): Fact {
  return { label, value: placeText(place, host), copy: addressOf(place) };
}

function startedText({ startedAtMs, createdAtMs }: TransferView, nowMs: number): string {
  return startedAtMs === null
    ? `not yet, added at ${clockText(createdAtMs, nowMs)}`
    : clockText(startedAtMs, nowMs);
}

/** `120 of 300 done, 2 failed, 1 left out`. */
export function filesText(view: TransferView): string {
  const { doneItemCount, itemCount, failedItemCount, askingItemCount, skippedItemCount } = view;
  const parts = [
    `${formatCount(doneItemCount)} of ${formatCount(itemCount)} done`,
    askingItemCount > 0 ? `${formatCount(askingItemCount)} ask` : "",
    failedItemCount > 0 ? `${formatCount(failedItemCount)} failed` : "",
    skippedItemCount > 0 ? `${formatCount(skippedItemCount)} left out` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}
