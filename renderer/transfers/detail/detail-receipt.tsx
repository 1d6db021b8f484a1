import type { TransferView } from "#shared/transfer.ts";
import { percentOf } from "../../common/byte-figures.ts";
import type { Formats } from "../../common/use-formats.ts";
import { useFormats } from "../../common/use-formats.ts";
import { DetailSection } from "./detail-section.tsx";
import type { Fact } from "./facts.tsx";
import { Facts } from "./facts.tsx";
import { ProofLadder } from "./proof-ladder.tsx";
import { rungText } from "./rungs.ts";

/** What is proven about the bytes, and what that took. */
export function DetailReceipt({ view }: { readonly view: TransferView }) {
  const formats = useFormats();
  if (view.rung === null && view.doneBytes === 0) return null;
  return (
    <DetailSection
      title={view.state.phase === "done" ? "Receipt" : "Receipt so far"}
      aside={view.rung && <ProofLadder rung={view.rung} />}
    >
      <Facts facts={receiptFacts(view, formats)} />
    </DetailSection>
  );
}

export function receiptFacts(view: TransferView, formats: Formats): readonly Fact[] {
  const { rung, movedTwiceBytes, resumedAtBytes, totalBytes } = view;
  const share = resumedAtBytes === null ? null : percentOf(resumedAtBytes, totalBytes);
  const facts: readonly (Fact | null)[] = [
    view.state.phase === "done"
      ? { label: "Size", value: `${totalBytes.toLocaleString("en-US")} bytes` }
      : null,
    rung === null ? null : { label: "Proof", value: rungText(rung, view.direction) },
    { label: "Moved twice", value: formats.bytes(movedTwiceBytes) },
    resumedAtBytes === null
      ? null
      : { label: "Resumed at", value: `${formats.bytes(resumedAtBytes)}, ${share ?? 0} %` },
  ];
  return facts.filter((fact) => fact !== null);
}
