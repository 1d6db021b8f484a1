import { useEffect } from "react";
import { useTransferCounts } from "../transfers/use-counts.ts";

/** How many need a person, on every screen, and where the window is only a name among others. */
export function useTitle(): void {
  const { asking } = useTransferCounts();
  useEffect(() => {
    document.title = asking > 0 ? `(${asking}) Longhaul` : "Longhaul";
  }, [asking]);
}
