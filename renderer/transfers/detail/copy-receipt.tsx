import { Button } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import type { Direction, Receipt } from "#shared/transfer.ts";
import { copyText } from "../../common/copy-text.ts";
import { receiptText } from "./item-facts.ts";

type CopyReceiptProps = {
  readonly name: string;
  readonly receipt: Receipt;
  readonly direction: Direction;
};

/** The whole receipt on the clipboard. */
export function CopyReceipt({ name, receipt, direction }: CopyReceiptProps) {
  return (
    <Button
      size="xs"
      mt={8}
      leftSection={<IconCopy size={13} aria-hidden />}
      onClick={() => copyText(receiptText(name, receipt, direction))}
    >
      Copy receipt
    </Button>
  );
}
