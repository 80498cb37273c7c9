import { byHeader } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { gitlab } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'GitLab',
    adapter: gitlab,
    push: ['push', 'pushed team/app:v1@a1b2c3d4'],
    deletions: [
      ['delete-tag', 'tagDeleted team/app:v1'],
      ['delete-manifest', 'manifestDeleted team/app@a1b2c3d4'],
    ],
    actor: ['push', 'ci', { userType: 'personal_access_token' }],
    proof: byHeader((token) => token),
    id: '0198c1f2-6a1b-4c3d-9e4f-1a2b3c4d5e01',
  },
];
