import { useEffect } from "react";
import { ActionIcon } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconX } from "@tabler/icons-react";
import type { Notice } from "../state/notice-store.ts";
import { announce } from "../state/live-store.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import classes from "./notice-stack.module.css";

/** Long enough to read two lines; a notice holds nothing that is not on screen elsewhere. */
const SHOWN_FOR_MS = 8_000;

export function NoticeStack() {
  const notices = useNoticeStore((state) => state.notices);
  if (notices.length === 0) return null;
  return (
    <section className={classes.stack} aria-label="Notices">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeCard({ notice }: { readonly notice: Notice }) {
  const dismiss = useNoticeStore((state) => state.dismiss);
  useEffect(() => {
    announce(notice.text);
    const timer = window.setTimeout(() => dismiss(notice.id), SHOWN_FOR_MS);
    return () => window.clearTimeout(timer);
  }, [notice, dismiss]);
  const Icon = notice.tone === "warn" ? IconAlertTriangle : IconInfoCircle;
  return (
    <div className={classes.notice} data-tone={notice.tone}>
      <Icon size={16} aria-hidden />
      <span>{notice.text}</span>
      <ActionIcon size="xs" aria-label="Close this notice" onClick={() => dismiss(notice.id)}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}
