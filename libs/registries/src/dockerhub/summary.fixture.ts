import { byAddress } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { dockerhub } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'Docker Hub',
    adapter: dockerhub,
    push: ['push', 'hint team/app:v1'],
    deletions: [],
    actor: ['push', 'ci'],
    proof: byAddress,
    id: null,
  },
];
