/** Hands a text to the browser, which keeps it among its downloads. */
export function saveAsFile(fileName: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  link.click();
  // The download has its own hold on the bytes by the next turn.
  window.setTimeout(() => URL.revokeObjectURL(address), 0);
}
