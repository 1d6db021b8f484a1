import { useEffect, useState } from "react";
import type { ItemView, TransferView } from "#shared/transfer.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { useFormats } from "../../common/use-formats.ts";
import { useClient } from "../../host/host.ts";
import { DetailSection } from "./detail-section.tsx";
import classes from "./trouble-detail.module.css";

/** Enough to see what it is about; the Files tab has the rest. */
const SHOWN = 6;

/** The files that wait for an answer. */
export function AskingFiles({ view }: { readonly view: TransferView }) {
  const { id, askingItemCount } = view;
  const client = useClient();
  const formats = useFormats();
  const [items, setItems] = useState<readonly ItemView[]>([]);
  useEffect(() => {
    if (askingItemCount === 0) return undefined;
    let isGone = false;
    client
      .call("transfer.items", { id, offset: 0, limit: SHOWN, phases: ["asking"] })
      .then((page) => {
        if (!isGone) setItems(page.items);
      })
      // The counts above say the same; the Files tab shows what is wrong.
      .catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [client, id, askingItemCount]);
  if (items.length === 0) return null;
  const more = askingItemCount - items.length;
  return (
    <DetailSection title="Which" aside={<span>size of the new one</span>}>
      <ul className={classes.files}>
        {items.map((item) => (
          <li key={item.index}>
            <span className="lh-cut" title={item.name}>
              {item.name}
            </span>
            <span className="lh-number">{formats.bytes(item.sizeBytes)}</span>
          </li>
        ))}
        {more > 0 && <li className={classes.more}>and {formatCount(more)} more, under Files</li>}
      </ul>
    </DetailSection>
  );
}
