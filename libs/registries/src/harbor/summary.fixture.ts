import { byBearer } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { harbor } from './adapter.js';

export const ROWS: readonly Row[] = [
  {
    source: 'Harbor, default format',
    adapter: harbor,
    push: ['push', 'pushed team/app:v1@1a1a1a1a'],
    deletions: [['delete', 'manifestDeleted team/app@1a1a1a1a', 'manifestDeleted team/app@2b2b2b2b']],
    actor: ['push', 'robot$ci'],
    proof: byBearer,
    id: null,
  },
  {
    source: 'Harbor, CloudEvents',
    adapter: harbor,
    push: ['cloudevents-push', 'pushed team/app:v1@1a1a1a1a'],
    deletions: [['cloudevents-delete', 'manifestDeleted team/app@1a1a1a1a']],
    actor: ['cloudevents-push', 'robot$ci'],
    proof: byBearer,
    id: '/projects/1/webhook/policies/3 4b2f89a6-548d-4c12-9993-a1f5790b97d2',
  },
];
