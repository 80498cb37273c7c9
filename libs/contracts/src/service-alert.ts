/** What can happen to a registry, beside its tags, that people are told of. */
export const SERVICE_CHANGES = ['canaryFailed', 'canaryRecovered', 'registryDeaf', 'registryHeard'] as const;
export type ServiceChange = (typeof SERVICE_CHANGES)[number];
