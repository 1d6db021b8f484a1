import type { Direction, ItemView, Receipt } from "#shared/transfer.ts";
import { explainError } from "#shared/error-words.ts";
import { formatCount } from "../../common/byte-figures.ts";
import type { Formats } from "../../common/use-formats.ts";
import { useFormats } from "../../common/use-formats.ts";
import type { Fact } from "./facts.tsx";
import { Facts } from "./facts.tsx";
import { phaseText } from "./item-words.ts";
import { rungText } from "./rungs.ts";
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
        <Facts facts={itemFacts(item.receipt, direction, formats)} />
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

export function itemFacts(
  receipt: Receipt,
  direction: Direction,
  formats: Pick<Formats, "bytes">,
): readonly Fact[] {
  const { sizeBytes, rung, sha256, etag, versionId, partCount, movedTwiceBytes, notes } = receipt;
  return [
    { label: "Size", value: `${formatCount(sizeBytes)} bytes` },
    { label: "Proof", value: rungText(rung, direction) },
    ...copied("SHA-256", sha256),
    ...copied("ETag", etag),
    ...copied("Version", versionId),
    { label: "Parts", value: formatCount(partCount) },
    { label: "Moved twice", value: formats.bytes(movedTwiceBytes) },
    ...notes.map((note, index) => ({
      label: index === 0 ? "Notes" : `Note ${index + 1}`,
      value: note,
    })),
  ];
}

function copied(label: string, value: string | null): readonly Fact[] {
  return value === null ? [] : [{ label, value, copy: value }];
}
