import { ScreenHeader } from "../shell/screen-header.tsx";

export function TransfersScreen() {
  return <ScreenHeader title="Transfers" />;
}
