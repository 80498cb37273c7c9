import { byAddress } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { quay } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'Quay',
    adapter: quay,
    push: ['push', 'hint team/app:v1'],
    deletions: [],
    actor: ['push', null],
    proof: byAddress,
    id: null,
  },
];
