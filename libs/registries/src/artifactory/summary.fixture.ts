import { bySignature } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { artifactory } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'Artifactory',
    adapter: artifactory,
    push: ['pushed', 'pushed docker-local/team/app:v1@a1b2c3d4', 'hint docker-local/team/app:v1'],
    deletions: [['deleted', 'tagDeleted docker-local/team/app:v1', 'hint docker-local/team/app:v1']],
    actor: ['pushed', 'ci'],
    proof: bySignature('x-jfrog-event-auth', 'sha256'),
    id: null,
  },
];
