import { NavLink } from "@mantine/core";
import {
  IconCloud,
  IconDatabase,
  IconGauge,
  IconLifebuoy,
  IconNetwork,
  IconPalette,
} from "@tabler/icons-react";
import type { SettingsPage } from "../state/screen-store.ts";
import { ScreenHeader } from "../shell/screen-header.tsx";
import { useScreenStore } from "../state/screen-store.ts";
import { AppearancePage } from "./appearance-page.tsx";
import { BandwidthPage } from "./bandwidth-page.tsx";
import { NetworkPage } from "./network-page.tsx";
import { HelpPage } from "./help-page.tsx";
import { ProfilesPage } from "./profiles-page.tsx";
import { StoragePage } from "./storage-page.tsx";
import classes from "./settings-screen.module.css";

const PAGES = [
  { page: "profiles", label: "Profiles", icon: IconCloud, View: ProfilesPage },
  { page: "bandwidth", label: "Bandwidth", icon: IconGauge, View: BandwidthPage },
  { page: "network", label: "Network", icon: IconNetwork, View: NetworkPage },
  { page: "storage", label: "Storage", icon: IconDatabase, View: StoragePage },
  { page: "appearance", label: "Appearance", icon: IconPalette, View: AppearancePage },
  { page: "help", label: "Help", icon: IconLifebuoy, View: HelpPage },
] as const satisfies readonly { readonly page: SettingsPage; readonly [key: string]: unknown }[];

export function SettingsScreen() {
  const shown = useScreenStore((state) => state.settingsPage);
  const showSettings = useScreenStore((state) => state.showSettings);
  return (
    <>
      <ScreenHeader title="Settings" />
      <div className={classes.frame}>
        <div className={classes.body}>
          <nav className={classes.nav} aria-label="Settings">
            {PAGES.map(({ page, label, icon: Icon }) => (
              <NavLink
                key={page}
                component="button"
                className={`${classes.page ?? ""} lh-focus-inside`}
                active={page === shown}
                aria-current={page === shown ? "page" : undefined}
                label={label}
                leftSection={<Icon size={16} stroke={1.6} aria-hidden />}
                onClick={() => showSettings(page)}
              />
            ))}
          </nav>
          <div className={classes.content}>
            {PAGES.map(({ page, View }) => page === shown && <View key={page} />)}
          </div>
        </div>
      </div>
    </>
  );
}
