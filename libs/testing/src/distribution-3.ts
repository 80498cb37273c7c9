import { type Distribution, type DistributionOptions, startDistribution } from './distribution-registry.js';
import { provisionGoProgram } from './provision-go-program.js';

/** Version 3 of the CNCF registry, which Debian does not have. */
export function provisionDistribution3(): Promise<string> {
  return provisionGoProgram({
    package: 'github.com/distribution/distribution/v3/cmd/registry',
    version: 'v3.1.1',
    go: '1.25',
    variable: 'TAGWARDEN_TEST_REGISTRY_3',
  });
}

/** Like `startDistribution`. The first of all calls builds it, which takes minutes: provide for it in the hook's limit. */
export async function startDistribution3(options: DistributionOptions = {}): Promise<Distribution> {
  return startDistribution(options, await provisionDistribution3());
}
