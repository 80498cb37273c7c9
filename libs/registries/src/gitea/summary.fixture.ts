import { bySignature } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { gitea } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'Gitea',
    adapter: gitea,
    push: ['created', 'hint team/app:v1'],
    deletions: [
      ['deleted', 'tagDeleted team/app:v1'],
      ['deleted-by-digest', 'manifestDeleted team/app@a1b2c3d4'],
    ],
    actor: ['created', 'ci'],
    proof: bySignature('x-gitea-signature', 'sha256'),
    id: 'f6266f16-1bf3-46a5-9ea4-602e06ead401',
  },
  {
    source: 'Forgejo',
    adapter: gitea,
    push: ['forgejo', 'hint team/app/worker:v2'],
    deletions: [['deleted', 'tagDeleted team/app:v1']],
    actor: ['forgejo', 'ci'],
    proof: bySignature('x-forgejo-signature', 'sha256'),
    id: 'f6266f16-1bf3-46a5-9ea4-602e06ead405',
  },
];
