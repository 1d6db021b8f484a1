/** Who owns every bucket here, for who asks for a bucket of a certain owner. */
export const ACCOUNT_ID = "000000000000";
