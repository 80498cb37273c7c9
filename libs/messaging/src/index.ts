export * from './bus.errors.js';
export { DEAD_LETTER_HEADERS } from './dead-letter.js';
export { type EmbeddedBusOptions, EmbeddedMessageBus } from './embedded/embedded-message-bus.js';
export { EMBEDDED_BUS_SCHEMA, EMBEDDED_BUS_SCHEMA_DOWN, EMBEDDED_BUS_TABLES } from './embedded/schema.js';
export { publishWithin } from './embedded/statements.js';
export { isRetriable } from './is-retriable.js';
export { KafkaMessageBus } from './kafka/kafka-message-bus.js';
export type { KafkaOptions } from './kafka/kafka-options.js';
