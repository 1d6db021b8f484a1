import { useNoticeStore } from "../state/notice-store.ts";

/** Puts text on the clipboard and says so: a copy cannot be seen otherwise. */
export function copyText(text: string): void {
  if (text === "") return;
  const { notify } = useNoticeStore.getState();
  navigator.clipboard.writeText(text).then(
    () => notify(`Copied: ${firstLine(text)}`),
    () => notify("The browser does not let this page use the clipboard.", "warn"),
  );
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line === text ? line : `${line} …`;
}
