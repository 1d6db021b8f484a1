/** Takes what is dropped on the window. */
export function DropLayer() {
  return null;
}
