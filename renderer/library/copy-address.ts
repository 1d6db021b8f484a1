import { useNoticeStore } from "../state/notice-store.ts";
import { addressOf } from "./library-place.ts";

export function copyAddress(bucket: string, key: string): void {
  const address = addressOf(bucket, key);
  navigator.clipboard.writeText(address).then(
    () => useNoticeStore.getState().notify(`${address} is on the clipboard.`),
    () =>
      useNoticeStore.getState().notify(`This page may not copy. The address is ${address}`, "warn"),
  );
}
