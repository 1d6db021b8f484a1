import { FollowDialog } from "../follows/follow-dialog.tsx";
import { useLibraryAskStore } from "./library-ask-store.ts";
import type { TargetFolder } from "./target-folder.ts";
import { UnpackDialog } from "./unpack-dialog.tsx";
import { VersionsDialog } from "./versions-dialog.tsx";

type LibraryDialogsProps = { readonly targets: readonly TargetFolder[] };

/** What is open over the Library. */
export function LibraryDialogs({ targets }: LibraryDialogsProps) {
  return (
    <>
      <VersionsDialog target={targets[0]} />
      <AskDialog targets={targets} />
    </>
  );
}

function AskDialog({ targets }: LibraryDialogsProps) {
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
