import type { LibraryPage } from "#shared/contract.ts";
import { lastPart } from "./library-place.ts";

/** One line of the listing. */
export type LibraryRow =
  | { readonly kind: "prefix"; readonly key: string; readonly name: string }
  | {
      readonly kind: "object";
      readonly key: string;
      readonly name: string;
      readonly sizeBytes: number;
      /** Wall clock, milliseconds. */
      readonly modifiedAtMs: number;
      /** Opaque: what tells one version of an object from another. */
      readonly etag: string;
      /** A prefix, ending in `/`, whose last part is to be the folder that it lands in. */
      readonly keptFolder?: string;
    };

/**
 * The rows of one page, prefixes first. Pages follow one another, so that a row that is on screen
 * stays where it is when the next page comes.
 */
export function rowsOfPage(page: LibraryPage, prefix: string): readonly LibraryRow[] {
  const prefixes = page.prefixes.map((key): LibraryRow => {
    return { kind: "prefix", key, name: lastPart(key) };
  });
  // The object that is the prefix itself marks a folder for other programs; it is nothing to get.
  const objects = page.objects.filter((object) => object.key !== prefix);
  return [
    ...prefixes,
    ...objects.map(({ key, ...facts }): LibraryRow => {
      return { kind: "object", key, name: key.slice(prefix.length), ...facts };
    }),
  ];
}

/** Rows whose name holds the text, whatever the case. */
export function filterRows(rows: readonly LibraryRow[], text: string): readonly LibraryRow[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return rows;
  return rows.filter((row) => row.name.toLowerCase().includes(wanted));
}
