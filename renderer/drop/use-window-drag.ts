import { useEffect, useRef } from "react";

type DragListener = {
  /** Something is over the window: how many things. */
  readonly onDrag: (count: number) => void;
  /** It left the window, or was dropped. */
  readonly onEnd: () => void;
  /** Called while the event is handled, when its files can be read. */
  readonly onDrop: (data: DataTransfer, target: Element | null) => void;
};

/** Follows files that are dragged over the window; text and links are none of its business. */
export function useWindowDrag(listener: DragListener): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    const onDragOver = (event: DragEvent) => {
      const { dataTransfer } = event;
      if (!dataTransfer || !holdsFiles(dataTransfer)) return;
      event.preventDefault();
      dataTransfer.dropEffect = "copy";
      latest.current.onDrag(dataTransfer.items.length);
    };
    const onDragLeave = (event: DragEvent) => {
      // Between two elements of the page the other one is named.
      if (event.relatedTarget === null) latest.current.onEnd();
    };
    const onDrop = (event: DragEvent) => {
      const { dataTransfer, target } = event;
      if (!dataTransfer || !holdsFiles(dataTransfer)) return;
      event.preventDefault();
      latest.current.onEnd();
      latest.current.onDrop(dataTransfer, target instanceof Element ? target : null);
    };
    window.addEventListener("dragenter", onDragOver);
    window.addEventListener("dragover", onDragOver);
    window.addEventListener("dragleave", onDragLeave);
    window.addEventListener("drop", onDrop);
    return () => {
      window.removeEventListener("dragenter", onDragOver);
      window.removeEventListener("dragover", onDragOver);
      window.removeEventListener("dragleave", onDragLeave);
      window.removeEventListener("drop", onDrop);
    };
  }, []);
}

function holdsFiles(data: DataTransfer): boolean {
  return data.types.includes("Files");
}
