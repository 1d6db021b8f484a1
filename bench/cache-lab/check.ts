/** Says what was found, and counts whether it is as it must be. */
export type Check = (what: string, isFine: boolean) => void;
