import type { ReactNode } from "react";
import { ActionIcon, CopyButton, DataList } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { PathText } from "../../common/path-text.tsx";
import classes from "./facts.module.css";

export type Fact = {
  readonly label: string;
  readonly value: ReactNode;
  /** What is copied, where that is worth a button. */
  readonly copy?: string | null;
};

type FactsProps = { readonly facts: readonly Fact[]; readonly labelWidth?: number };

export function Facts({ facts, labelWidth = 92 }: FactsProps) {
  return (
    <DataList className={classes.facts} size="sm" gap={3} labelWidth={labelWidth}>
      {facts.map((fact) => (
        <DataList.Item key={fact.label}>
          <DataList.ItemLabel>{fact.label}</DataList.ItemLabel>
          <DataList.ItemValue className={classes.value}>
            {fact.copy && typeof fact.value === "string" ? (
              <PathText path={fact.value} />
            ) : (
              <span className={`${classes.text} lh-selectable`}>{fact.value}</span>
            )}
            {fact.copy && <Copy what={fact.label} value={fact.copy} />}
          </DataList.ItemValue>
        </DataList.Item>
      ))}
    </DataList>
  );
}

function Copy({ what, value }: { readonly what: string; readonly value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon
          className={classes.copy}
          size={18}
          onClick={copy}
          aria-label={copied ? "Copied" : `Copy: ${what}`}
        >
          {copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
