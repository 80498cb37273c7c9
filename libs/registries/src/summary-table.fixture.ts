import { acr } from './acr/adapter.js';
import type { RegistryAdapter } from './adapter.js';
import { artifactory } from './artifactory/adapter.js';
import { distribution } from './distribution/adapter.js';
import { dockerhub } from './dockerhub/adapter.js';
import { ecr } from './ecr/adapter.js';
import { gar } from './gar/adapter.js';
import { ghcr } from './ghcr/adapter.js';
import { gitea } from './gitea/adapter.js';
import { gitlab } from './gitlab/adapter.js';
import { harbor } from './harbor/adapter.js';
import { nexus } from './nexus/adapter.js';
import { quay } from './quay/adapter.js';
import {
  byAddress,
  byCertificate,
  byHeader,
  byIdentity,
  bySignature,
  EXPECTED,
  type Proof,
} from './sender-proofs.fixture.js';
import { zot } from './zot/adapter.js';

type Told = readonly [fixture: string, ...told: string[]];

/** One source of notifications: a kind may have more than one. */
export type Row = {
  readonly source: string;
  readonly adapter: RegistryAdapter;
  readonly options?: Readonly<Record<string, string>>;
  /** With a digest, or only a tag to look up. */
  readonly push: Told;
  /** Which deletions it tells of, and whether by tag or by manifest. A file that tells nothing is kept as rejected. None: it tells of no deletion. */
  readonly deletions: readonly Told[];
  /** Who did it, and from where, by the file's first event. */
  readonly actor: readonly [fixture: string, actor: string | null, claims?: object];
  readonly proof: Proof;
  /** The source's own id of the push; null: it has none, and a hash stands for it. */
  readonly id: string | null;
};

const BEARER = byHeader((token) => `Bearer ${token}`);
const TENANT = '409520d4-8100-4d1d-ad47-72432ddcc120';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:tagwarden';

const ENTRA = byIdentity(
  'a token of Entra ID for Event Grid’s own application',
  (azp) => ({ iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, aud: 'api://tagwarden', azp }),
  { tenantId: TENANT, eventGridAudience: 'api://tagwarden', eventGridAppId: EXPECTED },
);
const GOOGLE = byIdentity(
  'an OpenID Connect token of the push subscription’s account',
  (email) => ({ iss: 'https://accounts.google.com', aud: 'https://tagwarden', email, email_verified: true }),
  { audience: 'https://tagwarden', pushServiceAccount: EXPECTED },
);

/** The summary table: digest on push × deletions × actor × sender × id. */
// biome-ignore format: a table
export const ROWS: readonly Row[] = [
  { source: 'distribution 2.8', adapter: distribution,
    push: ['03-overwrite-tag', 'pushed team/app:1.0.0@e15368fa'],
    deletions: [['19-delete-manifest-by-digest-two-tags', 'manifestDeleted team/app@9c4fcea9', 'tagDeleted team/app:1.0.0', 'tagDeleted team/app:stable']],
    actor: ['45-auth-pull', 'alice', { address: '127.0.0.1:46208', userAgent: 'node' }],
    proof: BEARER, id: '40c7cf05-fdc4-4154-b8f8-2f141d7dcbd5' },
  { source: 'distribution 3', adapter: distribution,
    push: ['v3-push-index', 'pushed team/app:v1@7692c3ad'],
    deletions: [['v3-delete-tag', 'tagDeleted team/app:v1'], ['v3-delete-digest', 'manifestDeleted team/app@7692c3ad', 'tagDeleted team/app:v1']],
    actor: ['v3-push-index', 'ci', { address: '10.0.0.7:41234', userAgent: 'buildkit/v0.14' }],
    proof: BEARER, id: '0198c1f2-6a1b-7c3d-9e4f-1a2b3c4d5e03' },
  { source: 'Harbor, default format', adapter: harbor,
    push: ['push', 'pushed team/app:v1@1a1a1a1a'],
    deletions: [['delete', 'manifestDeleted team/app@1a1a1a1a', 'manifestDeleted team/app@2b2b2b2b']],
    actor: ['push', 'robot$ci'], proof: BEARER, id: null },
  { source: 'Harbor, CloudEvents', adapter: harbor,
    push: ['cloudevents-push', 'pushed team/app:v1@1a1a1a1a'],
    deletions: [['cloudevents-delete', 'manifestDeleted team/app@1a1a1a1a']],
    actor: ['cloudevents-push', 'robot$ci'],
    proof: BEARER, id: '/projects/1/webhook/policies/3 4b2f89a6-548d-4c12-9993-a1f5790b97d2' },
  { source: 'Docker Hub', adapter: dockerhub,
    push: ['push', 'hint team/app:v1'], deletions: [], actor: ['push', 'ci'], proof: byAddress, id: null },
  { source: 'Quay', adapter: quay,
    push: ['push', 'hint team/app:v1'], deletions: [], actor: ['push', null], proof: byAddress, id: null },
  { source: 'GitLab', adapter: gitlab,
    push: ['push', 'pushed team/app:v1@a1b2c3d4'],
    deletions: [['delete-tag', 'tagDeleted team/app:v1'], ['delete-manifest', 'manifestDeleted team/app@a1b2c3d4']],
    actor: ['push', 'ci', { userType: 'personal_access_token' }],
    proof: byHeader((token) => token), id: '0198c1f2-6a1b-4c3d-9e4f-1a2b3c4d5e01' },
  { source: 'GHCR', adapter: ghcr,
    push: ['package-published', 'pushed team/app:v1@a1b2c3d4'], deletions: [],
    actor: ['package-published', 'github-actions[bot]'],
    proof: bySignature('x-hub-signature-256', 'sha256', 'sha256='), id: '72d3162e-cc78-11e3-81ab-4c9367dc0b02' },
  { source: 'ECR, through an API destination', adapter: ecr,
    push: ['push', 'pushed team/app:v1@f20c4316'],
    deletions: [['delete-tag', 'tagDeleted team/app:v1', 'tagDeleted team/app:v1'], ['delete-untagged', 'manifestDeleted team/app@f20c4316', 'manifestDeleted team/app@f20c4316']],
    actor: ['push', null], proof: BEARER, id: '13cde686-328b-6117-af20-0e5566167482' },
  { source: 'ECR, through SNS', adapter: ecr,
    push: ['sns-notification', 'pushed team/app:v1@f20c4316'],
    deletions: [['delete-tag', 'tagDeleted team/app:v1', 'tagDeleted team/app:v1']],
    actor: ['sns-notification', null], proof: byCertificate(TOPIC), id: '13cde686-328b-6117-af20-0e5566167482' },
  { source: 'ACR, webhook', adapter: acr,
    push: ['push', 'pushed team/app:v1@f20c4316'],
    deletions: [['delete-manifest', 'manifestDeleted team/app@f20c4316'], ['delete-repository', 'repositoryDeleted team/app']],
    actor: ['push', null, { userAgent: 'buildkit/v0.14' }], proof: BEARER, id: 'cb8c3971-9adc-488b-bdd8-43cbb4974ff5' },
  { source: 'ACR, Event Grid', adapter: acr,
    push: ['event-grid-push', 'pushed team/app:v1@f20c4316'],
    deletions: [['event-grid-delete', 'manifestDeleted team/app@f20c4316']],
    actor: ['event-grid-push', null], proof: ENTRA, id: '831e1650-001e-001b-66ab-eeb76e069631' },
  { source: 'Google Artifact Registry', adapter: gar,
    push: ['push', 'pushed my-project/images/team/app:v1@f20c4316'],
    deletions: [['delete-tag', 'tagDeleted my-project/images/team/app:v1'], ['delete-manifest', 'manifestDeleted my-project/images/team/app@f20c4316']],
    actor: ['push', null], proof: GOOGLE, id: '1234567890' },
  { source: 'Artifactory', adapter: artifactory,
    push: ['pushed', 'pushed docker-local/team/app:v1@a1b2c3d4', 'hint docker-local/team/app:v1'],
    deletions: [['deleted', 'tagDeleted docker-local/team/app:v1', 'hint docker-local/team/app:v1']],
    actor: ['pushed', 'ci'], proof: bySignature('x-jfrog-event-auth', 'sha256'), id: null },
  { source: 'Nexus', adapter: nexus, options: { repositories: 'docker-hosted=' },
    push: ['created', 'hint team/app:v1'],
    deletions: [['deleted', 'tagDeleted team/app:v1'], ['purged']],
    actor: ['created', 'ci', { address: '10.0.0.7' }],
    proof: bySignature('x-nexus-webhook-signature', 'sha1'), id: '7f4a6dde-5c68-4999-bcc0-a62f3fb8ae01' },
  { source: 'zot', adapter: zot,
    push: ['image-updated', 'pushed team/app:v1@f20c4316'],
    deletions: [['image-deleted-by-tag', 'tagDeleted team/app:v1'], ['image-deleted-by-digest', 'manifestDeleted team/app@f20c4316']],
    actor: ['image-updated', 'ci', { address: '10.0.0.7:54321', userAgent: 'buildkit/v0.14' }],
    proof: byHeader((token) => `Basic ${Buffer.from(`zot:${token}`).toString('base64')}`), id: '5f3a1c9e-2b7d-4e8a-9c10-7d6e5f4a3b01' },
  { source: 'Gitea', adapter: gitea,
    push: ['created', 'hint team/app:v1'],
    deletions: [['deleted', 'tagDeleted team/app:v1'], ['deleted-by-digest', 'manifestDeleted team/app@a1b2c3d4']],
    actor: ['created', 'ci'], proof: bySignature('x-gitea-signature', 'sha256'), id: 'f6266f16-1bf3-46a5-9ea4-602e06ead401' },
  { source: 'Forgejo', adapter: gitea,
    push: ['forgejo', 'hint team/app/worker:v2'], deletions: [['deleted', 'tagDeleted team/app:v1']],
    actor: ['forgejo', 'ci'], proof: bySignature('x-forgejo-signature', 'sha256'), id: 'f6266f16-1bf3-46a5-9ea4-602e06ead405' },
];
