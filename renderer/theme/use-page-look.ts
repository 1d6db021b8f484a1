import { useEffect } from "react";
import type { Settings } from "#shared/settings.ts";

/** Text size and motion hold for the whole page, portals included, so they are set on its root. */
export function usePageLook({ textSizePercent, reduceMotion }: Settings): void {
  useEffect(() => {
    const { style, dataset } = document.documentElement;
    style.fontSize = textSizePercent === 100 ? "" : `${textSizePercent}%`;
    style.setProperty("--lh-zoom", String(textSizePercent / 100));
    if (reduceMotion) dataset["reduceMotion"] = "true";
    else delete dataset["reduceMotion"];
  }, [textSizePercent, reduceMotion]);
}
