/** The parts of `settings.json`; each has one owner, which reads and writes it whole. */
export type DocumentSection = "profiles" | "settings" | "endpoints" | "cache" | "follows";

/**
 * The file of settings in the home, as the host keeps it: electron-store in the desktop, conf
 * headless. Writes are atomic and small; nothing in it is secret.
 */
export interface DocumentFile {
  /** Undefined when there is none yet. What is read is whatever somebody wrote: it is parsed. */
  read(section: DocumentSection): unknown;
  write(section: DocumentSection, value: unknown): void;
}
