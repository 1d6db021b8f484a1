import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { Address } from "./library-place.ts";
import { parseAddress } from "./library-place.ts";

type PlaceSearchProps = {
  readonly text: string;
  readonly onFilter: (text: string) => void;
  readonly onGo: (address: Address) => void;
  readonly onEscape: () => void;
};

/** Narrows what is listed as you type; an address is gone to when it is pasted, or with Enter. */
export function PlaceSearch({ text, onFilter, onGo, onEscape }: PlaceSearchProps) {
  const goTo = (typed: string) => {
    const address = parseAddress(typed);
    if (address) onGo(address);
    return address !== undefined;
  };
  return (
    <TextInput
      aria-label="Filter, or paste an address"
      placeholder="Filter, or paste an s3:// address"
      w={236}
      leftSection={<IconSearch size={14} aria-hidden />}
      leftSectionWidth={28}
      data-filter
      value={text}
      onChange={(event) => onFilter(event.currentTarget.value)}
      onPaste={(event) => {
        if (goTo(event.clipboardData.getData("text"))) event.preventDefault();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") goTo(text);
        if (event.key !== "Escape" || text === "") return;
        event.stopPropagation();
        onEscape();
      }}
    />
  );
}
