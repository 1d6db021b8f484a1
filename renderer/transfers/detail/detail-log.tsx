import { useState } from "react";
import { Button, SegmentedControl } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import type { LogLine } from "#shared/transfer.ts";
import { clockSeconds } from "../../common/clock-text.ts";
import { copyText } from "../../common/copy-text.ts";
import log from "./detail-log.module.css";
import classes from "./log-lines.module.css";

/** Newest first, in plain words. Secrets never get this far. */
export function DetailLog({ lines }: { readonly lines: readonly LogLine[] | null }) {
  const [shown, setShown] = useState("all");
  if (lines === null) return null;
  const troubles = lines.filter(({ level }) => level !== "info");
  const newestFirst = (shown === "all" ? lines : troubles).toReversed();
  return (
    <>
      <div className={log.tools}>
        <SegmentedControl
          aria-label="Lines"
          value={shown}
          onChange={setShown}
          data={[
            { value: "all", label: "All" },
            { value: "troubles", label: `Troubles ${troubles.length}` },
          ]}
        />
        <Button
          leftSection={<IconCopy size={14} aria-hidden />}
          onClick={() => copyText(newestFirst.map(lineText).join("\n"))}
        >
          Copy
        </Button>
      </div>
      <ol className={`${classes.lines} lh-selectable`}>
        {newestFirst.map((line, index) => (
          // Lines have no name of their own; from the oldest on, a line keeps its number.
          <li key={newestFirst.length - index} data-warn={line.level !== "info" || undefined}>
            <time className="lh-number">{clockSeconds(line.atMs)}</time>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
      <p className={log.foot}>
        {newestFirst.length === 0 && "Nothing to tell so far. "}Copies never hold keys, tokens or
        signed addresses.
      </p>
    </>
  );
}

function lineText(line: LogLine): string {
  return `${new Date(line.atMs).toISOString()} ${line.level} ${line.text}`;
}
