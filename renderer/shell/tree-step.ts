/** A line of the tree, as it is shown. */
export type TreeLine = {
  readonly value: string;
  /** 1: a profile, 2: what is in it. */
  readonly level: 1 | 2;
  /** Null: it holds nothing. */
  readonly isOpen: boolean | null;
};

export type TreeMove =
  | { readonly kind: "to"; readonly value: string }
  | { readonly kind: "toggle"; readonly value: string }
  | { readonly kind: "pick"; readonly value: string };

/** What a key does in a tree, as screen readers teach it. Null: nothing. */
export function moveInTree(key: string, lines: readonly TreeLine[], at: number): TreeMove | null {
  const here = lines[at];
  if (!here) return null;
  switch (key) {
    case "ArrowDown":
      return to(lines[at + 1]);
    case "ArrowUp":
      return to(lines[at - 1]);
    case "Home":
      return to(lines[0]);
    case "End":
      return to(lines.at(-1));
    case "ArrowRight":
      if (here.isOpen === false) return { kind: "toggle", value: here.value };
      return here.isOpen ? to(lines[at + 1]) : null;
    case "ArrowLeft":
      if (here.isOpen) return { kind: "toggle", value: here.value };
      return to(lines.slice(0, at).findLast((line) => line.level < here.level));
    case "Enter":
    case " ":
      return { kind: "pick", value: here.value };
    default:
      return null;
  }
}

function to(line: TreeLine | undefined): TreeMove | null {
  return line ? { kind: "to", value: line.value } : null;
}
