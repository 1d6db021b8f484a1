import { z } from "zod";

/** Which server stands between this machine and the endpoints. */
export const ProxySetting = z.discriminatedUnion("kind", [
  /** What the system says; without a desktop HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. */
  z.strictObject({ kind: z.literal("system") }),
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("manual"),
    /** Scheme, host and port: `http://proxy.corp.example:3128`. No user information. */
    url: z
      .string()
      .max(300)
      .regex(/^https?:\/\/[^\s/@]+\/?$/i),
    /** Null: it asks for no sign-in. The password is kept where secrets are. */
    userName: z.string().max(256).nullable(),
    /** As NO_PROXY: names, their ends, addresses and networks, by commas. */
    bypass: z.string().max(4000),
  }),
]);
export type ProxySetting = z.infer<typeof ProxySetting>;

/** How endpoints are reached. A change holds for what is asked from then on. */
export const NetworkSettings = z.strictObject({
  proxy: ProxySetting,
  /** PEM of authorities to trust beside the usual ones. Absolute path. */
  caFile: z.string().max(4096).nullable(),
  /** For one address. */
  connectSeconds: z.int().min(1).max(120),
  /** Silence after which a request is given up and made again. */
  stallSeconds: z.int().min(5).max(600),
  /** Most sockets to one endpoint; a profile may say less. */
  connections: z.int().min(1).max(256),
  /** Files up to 16 MiB that one transfer moves side by side. */
  smallFiles: z.int().min(1).max(128),
  /** Longer ones, each in many parts. */
  largeFiles: z.int().min(1).max(16),
});
export type NetworkSettings = z.infer<typeof NetworkSettings>;

export const DEFAULT_NETWORK: NetworkSettings = {
  proxy: { kind: "system" },
  caFile: null,
  connectSeconds: 5,
  stallSeconds: 30,
  connections: 50,
  smallFiles: 32,
  largeFiles: 2,
};

/** Whom an endpoint's certificate is to be believed from, beside the usual authorities. */
export const EndpointTrust = z.strictObject({
  /** PEM of authorities for this endpoint. Absolute path. */
  caFile: z.string().min(1).max(4096).optional(),
  /** SHA-256 of the only certificate that it may show, hex; that one is believed whoever signed it. */
  pinnedSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type EndpointTrust = z.infer<typeof EndpointTrust>;
