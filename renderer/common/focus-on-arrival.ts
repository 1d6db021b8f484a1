/**
 * A `ref` for the control that a dialog begins with, where it comes only with an answer: the dialog
 * has looked for it by then.
 */
export function focusOnArrival(control: HTMLElement | null): void {
  control?.focus();
}
