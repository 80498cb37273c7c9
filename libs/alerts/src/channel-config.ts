import type { AlertChange } from '#application';

type HttpChannelConfig = {
  /** Unique among the channels: deliveries are kept by it. */
  readonly name: string;
  /** A secret where the receiver's path is one. */
  readonly url: string;
  /** Absent: what the channel's type tells by default. */
  readonly on?: readonly AlertChange[];
  /** Also deliver to private, loopback and link-local addresses. */
  readonly allowPrivate?: boolean;
};

export type SlackConfig = HttpChannelConfig & { readonly type: 'slack' };
export type StandardWebhookConfig = HttpChannelConfig & {
  readonly type: 'webhook';
  /** `whsec_<base64>`. */
  readonly secret: string;
};

/** A configured channel, secrets already read from where they are kept. */
export type ChannelConfig = SlackConfig | StandardWebhookConfig;

/** What the channels share. */
export type ChannelSurroundings = {
  /** Where people reach the console; null for no links. */
  readonly publicUrl: string | null;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
};
