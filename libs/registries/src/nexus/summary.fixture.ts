import { bySignature } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { nexus } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'Nexus',
    adapter: nexus,
    options: { repositories: 'docker-hosted=' },
    push: ['created', 'hint team/app:v1'],
    deletions: [['deleted', 'tagDeleted team/app:v1'], ['purged']],
    actor: ['created', 'ci', { address: '10.0.0.7' }],
    proof: bySignature('x-nexus-webhook-signature', 'sha1'),
    id: '7f4a6dde-5c68-4999-bcc0-a62f3fb8ae01',
  },
];
