/** The one region that this server is. */
export const REGION = "us-east-1";
