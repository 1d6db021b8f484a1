import { useEffect, useState } from "react";
import type { Receipt, TransferView } from "#shared/transfer.ts";
import { percentOf } from "../../common/byte-figures.ts";
import type { Formats } from "../../common/use-formats.ts";
import { useFormats } from "../../common/use-formats.ts";
import { useClient } from "../../host/host.ts";
import { CopyReceipt } from "./copy-receipt.tsx";
import { DetailSection } from "./detail-section.tsx";
import type { Fact } from "./facts.tsx";
import { Facts } from "./facts.tsx";
import { itemFacts } from "./item-facts.ts";
import { ProofLadder } from "./proof-ladder.tsx";
import { rungText } from "./rungs.ts";

/** What is proven about the bytes, and what that took. */
export function DetailReceipt({ view }: { readonly view: TransferView }) {
  const formats = useFormats();
  const receipt = useOnlyReceipt(view);
  if (view.rung === null && view.doneBytes === 0) return null;
  return (
    <DetailSection
      title={view.state.phase === "done" ? "Receipt" : "Receipt so far"}
      aside={view.rung && <ProofLadder rung={view.rung} />}
    >
      {receipt ? (
        <>
          <Facts
            facts={[...itemFacts(receipt, view.direction, formats), ...resumedFacts(view, formats)]}
          />
          <CopyReceipt name={view.name} receipt={receipt} direction={view.direction} />
        </>
      ) : (
        <Facts facts={receiptFacts(view, formats)} />
      )}
    </DetailSection>
  );
}

export function receiptFacts(view: TransferView, formats: Formats): readonly Fact[] {
  const { rung, movedTwiceBytes, totalBytes } = view;
  const facts: readonly (Fact | null)[] = [
    view.state.phase === "done"
      ? { label: "Size", value: `${totalBytes.toLocaleString("en-US")} bytes` }
      : null,
    rung === null ? null : { label: "Proof", value: rungText(rung, view.direction) },
    { label: "Moved twice", value: formats.bytes(movedTwiceBytes) },
    ...resumedFacts(view, formats),
  ];
  return facts.filter((fact) => fact !== null);
}

function resumedFacts(view: TransferView, formats: Pick<Formats, "bytes">): readonly Fact[] {
  const { resumedAtBytes, totalBytes } = view;
  if (resumedAtBytes === null) return [];
  const share = percentOf(resumedAtBytes, totalBytes) ?? 0;
  return [{ label: "Resumed at", value: `${formats.bytes(resumedAtBytes)}, ${share} %` }];
}

/** Of a done transfer of one file: that file's. Of several each has its own, under Files. */
function useOnlyReceipt({ id, itemCount, state }: TransferView): Receipt | null {
  const client = useClient();
  const [found, setFound] = useState<Receipt | null>(null);
  const isWanted = state.phase === "done" && itemCount === 1;
  useEffect(() => {
    if (!isWanted) return undefined;
    let isShown = true;
    client.call("transfer.items", { id, offset: 0, limit: 1, phases: [] }).then(
      ({ items }) => isShown && setFound(items[0]?.receipt ?? null),
      // What the view says is shown meanwhile.
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [client, id, isWanted]);
  return isWanted ? found : null;
}
