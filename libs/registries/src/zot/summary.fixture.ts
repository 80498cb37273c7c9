import { byHeader } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { zot } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'zot',
    adapter: zot,
    push: ['image-updated', 'pushed team/app:v1@f20c4316'],
    deletions: [
      ['image-deleted-by-tag', 'tagDeleted team/app:v1'],
      ['image-deleted-by-digest', 'manifestDeleted team/app@f20c4316'],
    ],
    actor: ['image-updated', 'ci', { address: '10.0.0.7:54321', userAgent: 'buildkit/v0.14' }],
    proof: byHeader((token) => `Basic ${Buffer.from(`zot:${token}`).toString('base64')}`),
    id: '5f3a1c9e-2b7d-4e8a-9c10-7d6e5f4a3b01',
  },
];
