import type { ReactNode } from "react";
import { AppShell } from "@mantine/core";
import { SIZE } from "../theme/tokens.ts";
import { ConnectionBar, HomeBar } from "./connection-bar.tsx";
import { LiveRegion } from "./live-region.tsx";
import { NoticeStack } from "./notice-stack.tsx";
import { ShortcutSheet } from "./shortcut-sheet.tsx";
import { Sidebar } from "./sidebar.tsx";
import { StatusBar } from "./status-bar.tsx";
import { useNarrow } from "./use-narrow.ts";
import { useTitle } from "./use-title.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import classes from "./app-frame.module.css";

/** Sidebar, screen, status bar: what stays while screens change. */
export function AppFrame({ children }: { readonly children: ReactNode }) {
  const narrow = useNarrow();
  useShortcuts();
  useTitle();
  return (
    <AppShell
      navbar={{ width: narrow ? SIZE.sidebarNarrow : SIZE.sidebar, breakpoint: 0 }}
      footer={{ height: SIZE.statusBar }}
      layout="default"
      padding={0}
      withBorder={false}
    >
      <AppShell.Navbar className={classes.navbar} data-region="sidebar">
        <Sidebar narrow={narrow} />
      </AppShell.Navbar>
      <AppShell.Main className={classes.main} data-region="screen">
        <ConnectionBar />
        <HomeBar />
        {children}
      </AppShell.Main>
      <AppShell.Footer className={classes.footer} data-region="status">
        <StatusBar narrow={narrow} />
      </AppShell.Footer>
      <NoticeStack />
      <LiveRegion />
      <ShortcutSheet />
    </AppShell>
  );
}
