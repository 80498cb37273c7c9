import { byBearer } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { distribution } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'distribution 2.8',
    adapter: distribution,
    push: ['03-overwrite-tag', 'pushed team/app:1.0.0@e15368fa'],
    deletions: [
      [
        '19-delete-manifest-by-digest-two-tags',
        'manifestDeleted team/app@9c4fcea9',
        'tagDeleted team/app:1.0.0',
        'tagDeleted team/app:stable',
      ],
    ],
    actor: ['45-auth-pull', 'alice', { address: '127.0.0.1:46208', userAgent: 'node' }],
    proof: byBearer,
    id: '40c7cf05-fdc4-4154-b8f8-2f141d7dcbd5',
  },
  {
    source: 'distribution 3',
    adapter: distribution,
    push: ['v3-push-index', 'pushed team/app:v1@7692c3ad'],
    deletions: [
      ['v3-delete-tag', 'tagDeleted team/app:v1'],
      ['v3-delete-digest', 'manifestDeleted team/app@7692c3ad', 'tagDeleted team/app:v1'],
    ],
    actor: ['v3-push-index', 'ci', { address: '10.0.0.7:41234', userAgent: 'buildkit/v0.14' }],
    proof: byBearer,
    id: '0198c1f2-6a1b-7c3d-9e4f-1a2b3c4d5e03',
  },
];
