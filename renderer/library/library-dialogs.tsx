import { FollowDialog } from "../follows/follow-dialog.tsx";
import { useLibraryAskStore } from "./library-ask-store.ts";
import type { TargetFolder } from "./target-folder.ts";
import { UnpackDialog } from "./unpack-dialog.tsx";

/** The dialog that was asked for. */
export function LibraryDialogs({ targets }: { readonly targets: readonly TargetFolder[] }) {
  const ask = useLibraryAskStore((state) => state.ask);
  switch (ask?.kind) {
    case undefined:
      return null;
    case "unpack":
      return <UnpackDialog {...ask} targets={targets} />;
    case "follow":
      return <FollowDialog {...ask} targets={targets} />;
    default:
      return ask satisfies never;
  }
}
