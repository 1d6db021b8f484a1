import { ActionIcon, NavLink, ScrollArea, Tooltip, VisuallyHidden } from "@mantine/core";
import {
  IconArrowsUpDown,
  IconBooks,
  IconDatabase,
  IconPlus,
  IconSettings,
} from "@tabler/icons-react";
import { useScreenStore } from "../state/screen-store.ts";
import { useTransferCounts } from "../transfers/use-counts.ts";
import { ProfileTree } from "./profile-tree.tsx";
import classes from "./sidebar.module.css";

const SCREENS = [
  { name: "transfers", label: "Transfers", icon: IconArrowsUpDown },
  { name: "library", label: "Library", icon: IconBooks },
  { name: "cache", label: "Cache", icon: IconDatabase },
] as const;

export function Sidebar({ narrow }: { readonly narrow: boolean }) {
  const screen = useScreenStore((state) => state.screen);
  const show = useScreenStore((state) => state.show);
  return (
    <nav className={classes.sidebar} data-narrow={narrow || undefined} aria-label="Screens">
      <div className={classes.brand}>
        <Mark />
        {!narrow && <span>Longhaul</span>}
      </div>
      <div className={classes.screens}>
        {SCREENS.map(({ name, label, icon }) => (
          <ScreenLink
            key={name}
            label={label}
            icon={icon}
            isShown={screen === name}
            narrow={narrow}
            counts={name === "transfers"}
            onPick={() => show(name)}
          />
        ))}
      </div>
      {!narrow && <Profiles />}
      <div className={classes.bottom}>
        <ScreenLink
          label="Settings"
          icon={IconSettings}
          isShown={screen === "settings"}
          narrow={narrow}
          counts={false}
          onPick={() => show("settings")}
        />
      </div>
    </nav>
  );
}

function Profiles() {
  const editProfile = useScreenStore((state) => state.editProfile);
  return (
    <>
      <div className={classes.heading}>
        <span>Profiles</span>
        <ActionIcon size="xs" aria-label="Add a profile" onClick={() => editProfile("new")}>
          <IconPlus size={14} />
        </ActionIcon>
      </div>
      <ScrollArea className={classes.tree} type="scroll">
        <ProfileTree />
      </ScrollArea>
    </>
  );
}

type ScreenLinkProps = {
  readonly label: string;
  readonly icon: typeof IconSettings;
  readonly isShown: boolean;
  readonly narrow: boolean;
  readonly counts: boolean;
  readonly onPick: () => void;
};

function ScreenLink({ label, icon: Icon, isShown, narrow, counts, onPick }: ScreenLinkProps) {
  return (
    <Tooltip label={label} position="right" disabled={!narrow}>
      <NavLink
        component="button"
        className={classes.screen}
        aria-current={isShown ? "page" : undefined}
        active={isShown}
        label={narrow ? undefined : label}
        leftSection={
          <>
            <Icon size={17} stroke={1.7} aria-hidden />
            {narrow && <VisuallyHidden>{label}</VisuallyHidden>}
          </>
        }
        rightSection={counts ? <Counts /> : undefined}
        onClick={onPick}
      />
    </Tooltip>
  );
}

/** How many move, and how many need an answer: a number each, told apart by shape as well as by colour. */
function Counts() {
  const { asking, active } = useTransferCounts();
  return (
    <span className={classes.counts}>
      {asking > 0 && (
        <span className={classes.needs}>
          {asking}
          <VisuallyHidden> need you</VisuallyHidden>
        </span>
      )}
      {active > 0 && (
        <span className={classes.active}>
          {active}
          <VisuallyHidden> active</VisuallyHidden>
        </span>
      )}
    </span>
  );
}

/** Loads on one road: the stacked bar, drawn small. */
function Mark() {
  return (
    <svg className="lh-icon" width="20" height="20" viewBox="0 0 20 20" aria-hidden>
      <rect x="1" y="3.5" width="18" height="3.4" rx="1.7" fill="var(--lh-origin)" />
      <rect x="1" y="8.3" width="12.5" height="3.4" rx="1.7" fill="var(--lh-lan)" />
      <rect x="1" y="13.1" width="7" height="3.4" rx="1.7" fill="var(--lh-cache)" />
    </svg>
  );
}
