import { Button } from "@mantine/core";
import type { ProfileView } from "#shared/contract.ts";
import { MenuButton } from "../common/menu-button.tsx";
import { useScreenStore } from "../state/screen-store.ts";
import { putDraft } from "./draft-store.ts";
import { newDraft } from "./profile-draft.ts";
import { useAwsNames } from "./use-aws-names.ts";

/** What aws-cli knows already is one step away; nothing is offered where there is nothing. */
export function AwsImport({ profiles }: { readonly profiles: readonly ProfileView[] }) {
  const editProfile = useScreenStore((state) => state.editProfile);
  const names = useAwsNames().filter((name) => !isUsed(name, profiles));
  if (names.length === 0) return null;
  const entries = names.map(
    (name) =>
      ({
        kind: "item",
        label: name,
        onPick: () => {
          const credentials = { credentials: "aws-profile", awsProfile: name } as const;
          putDraft("new", { ...newDraft("aws"), name, ...credentials });
          editProfile("new");
        },
      }) as const,
  );
  return (
    <MenuButton label="Profiles in ~/.aws" entries={entries}>
      <Button variant="subtle" fullWidth>
        Import from ~/.aws, {names.length} found
      </Button>
    </MenuButton>
  );
}

function isUsed(name: string, profiles: readonly ProfileView[]): boolean {
  return profiles.some(
    ({ profile: { credentials } }) =>
      credentials.kind === "aws-profile" && credentials.profileName === name,
  );
}
