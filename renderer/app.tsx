import { MantineProvider } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { Host } from "./host/host.ts";
import { CacheScreen } from "./cache/cache-screen.tsx";
import { DropLayer } from "./drop/drop-layer.tsx";
import { HostProvider } from "./host/host.ts";
import { LibraryScreen } from "./library/library-screen.tsx";
import { SettingsScreen } from "./settings/settings-screen.tsx";
import { AppFrame } from "./shell/app-frame.tsx";
import { useScreenStore } from "./state/screen-store.ts";
import { useSettings } from "./state/settings-store.ts";
import { cssVariablesResolver, theme } from "./theme/theme.ts";
import { usePageLook } from "./theme/use-page-look.ts";
import { TransfersScreen } from "./transfers/transfers-screen.tsx";

type AppProps = { readonly host: Host; readonly nonce: string };

export function App({ host, nonce }: AppProps) {
  const settings = useSettings();
  const prefersDark = useMediaQuery("(prefers-color-scheme: dark)", false, {
    getInitialValueInEffect: false,
  });
  const system = prefersDark ? "dark" : "light";
  usePageLook(settings);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      forceColorScheme={settings.theme === "system" ? system : settings.theme}
      getStyleNonce={() => nonce}
    >
      <HostProvider value={host}>
        <AppFrame>
          <Screen />
        </AppFrame>
        <DropLayer />
      </HostProvider>
    </MantineProvider>
  );
}

function Screen() {
  const screen = useScreenStore((state) => state.screen);
  switch (screen) {
    case "transfers":
      return <TransfersScreen />;
    case "library":
      return <LibraryScreen />;
    case "cache":
      return <CacheScreen />;
    case "settings":
      return <SettingsScreen />;
    default:
      return screen satisfies never;
  }
}
