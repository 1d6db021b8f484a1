import { useState } from "react";
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconArrowUp, IconFolderPlus } from "@tabler/icons-react";
import type { FolderPage } from "#shared/contract.ts";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { useClient } from "../host/host.ts";
import classes from "./folder-view.module.css";

type PathBarProps = {
  readonly page: FolderPage | null;
  readonly canMake: boolean;
  readonly go: (path: string) => void;
};

/** Where the dialog is; another path can be typed. */
export function PathBar({ page, canMake, go }: PathBarProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const [isMaking, setMaking] = useState(false);
  const parent = page?.parent ?? null;
  return (
    <>
      <div className={classes.bar}>
        <ActionIcon
          size="md"
          variant="default"
          aria-label="One folder up"
          disabled={parent === null}
          onClick={() => parent !== null && go(parent)}
        >
          <IconArrowUp size={15} />
        </ActionIcon>
        <TextInput
          aria-label="Folder"
          size="md"
          className={classes.path}
          spellCheck={false}
          value={typed ?? page?.path ?? ""}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => setTyped(null)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || typed === null) return;
            event.preventDefault();
            go(typed);
            setTyped(null);
          }}
        />
        {canMake && (
          <Button
            size="md"
            leftSection={<IconFolderPlus size={15} aria-hidden />}
            disabled={!page}
            onClick={() => setMaking(true)}
          >
            New folder
          </Button>
        )}
      </div>
      {isMaking && page && (
        <NewFolder
          parent={page.path}
          onMade={(path) => {
            setMaking(false);
            go(path);
          }}
          onClose={() => setMaking(false)}
        />
      )}
    </>
  );
}

type NewFolderProps = {
  readonly parent: string;
  readonly onMade: (path: string) => void;
  readonly onClose: () => void;
};

function NewFolder({ parent, onMade, onClose }: NewFolderProps) {
  const client = useClient();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const make = async () => {
    try {
      onMade((await client.call("folder.make", { parent, name: name.trim() })).path);
    } catch (thrown) {
      setProblem(explainError(toErrorInfo(thrown)).what);
    }
  };
  return (
    <form
      className={classes.bar}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") void make();
      }}
    >
      <TextInput
        aria-label="Name of the new folder"
        placeholder="Name of the new folder"
        size="md"
        className={classes.path}
        autoFocus
        maxLength={255}
        value={name}
        error={problem}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setProblem(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onClose();
        }}
      />
      <Button size="md" type="submit" disabled={name.trim() === ""}>
        Make it
      </Button>
    </form>
  );
}
