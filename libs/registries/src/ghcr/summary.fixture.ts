import { bySignature } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { ghcr } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'GHCR',
    adapter: ghcr,
    push: ['package-published', 'pushed team/app:v1@a1b2c3d4'],
    deletions: [],
    actor: ['package-published', 'github-actions[bot]'],
    proof: bySignature('x-hub-signature-256', 'sha256', 'sha256='),
    id: '72d3162e-cc78-11e3-81ab-4c9367dc0b02',
  },
];
