import type { Direction, ItemView } from "#shared/transfer.ts";
import { explainError } from "#shared/error-words.ts";
import { useFormats } from "../../common/use-formats.ts";
import { CopyReceipt } from "./copy-receipt.tsx";
import { Facts } from "./facts.tsx";
import { itemFacts } from "./item-facts.ts";
import { phaseText } from "./item-words.ts";
import classes from "./detail-files.module.css";

type ItemCardProps = { readonly item: ItemView; readonly direction: Direction };

/** The file with the focus: what went wrong with it, or what is proven about it. */
export function ItemCard({ item, direction }: ItemCardProps) {
  const formats = useFormats();
  const words = item.error && explainError(item.error, { direction });
  return (
    <section className={`${classes.card} lh-selectable`} aria-label="The chosen file">
      <h3>{item.name}</h3>
      {words && (
        <p>
          {words.what} {words.why} {words.todo}
        </p>
      )}
      {item.note && <p>{item.note}</p>}
      {item.receipt ? (
        <>
          <Facts facts={itemFacts(item.receipt, direction, formats)} />
          <CopyReceipt name={item.name} receipt={item.receipt} direction={direction} />
        </>
      ) : (
        !words && <p>It {itemSentence(item)}.</p>
      )}
    </section>
  );
}

function itemSentence(item: ItemView): string {
  const text = phaseText(item);
  return item.phase === "moving" || item.phase === "skipped" ? `is ${text}` : text;
}
