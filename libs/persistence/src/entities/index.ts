import { ApiKeyEntity } from './api-key.entity.js';
import { BindingEntity } from './binding.entity.js';
import { CanaryEntity } from './canary.entity.js';
import { DeafRegistryEntity } from './deaf-registry.entity.js';
import { EnforcementEntity } from './enforcement.entity.js';
import { EventEntity } from './event.entity.js';
import { FightBreakerEntity } from './fight-breaker.entity.js';
import { GuardEntity } from './guard.entity.js';
import { IncidentEntity } from './incident.entity.js';
import { LedgerEntity } from './ledger.entity.js';
import { LedgerHeadEntity } from './ledger-head.entity.js';
import { ManifestEntity } from './manifest.entity.js';
import { ObservationEntity } from './observation.entity.js';
import { OutboxEntity } from './outbox.entity.js';
import { RegistryEntity } from './registry.entity.js';
import { RegistryHeardEntity } from './registry-heard.entity.js';
import { RejectedEntity } from './rejected.entity.js';
import { RestorationEntity } from './restoration.entity.js';
import { RevokedDigestEntity } from './revoked-digest.entity.js';
import { RuleRevisionEntity } from './rule-revision.entity.js';
import { RulingEntity } from './ruling.entity.js';
import { SweepEntity } from './sweep.entity.js';
import { SweepRepositoryEntity } from './sweep-repository.entity.js';
import { SweepRunEntity } from './sweep-run.entity.js';
import { TagEntity } from './tag.entity.js';
import { VaultFetchEntity } from './vault-fetch.entity.js';
import { ViolationEntity } from './violation.entity.js';
import { WaiverEntity } from './waiver.entity.js';

/** Every entity of the record. */
export const ENTITIES = [
  ApiKeyEntity,
  BindingEntity,
  CanaryEntity,
  DeafRegistryEntity,
  EnforcementEntity,
  EventEntity,
  IncidentEntity,
  FightBreakerEntity,
  GuardEntity,
  LedgerEntity,
  LedgerHeadEntity,
  ManifestEntity,
  ObservationEntity,
  OutboxEntity,
  RegistryEntity,
  RegistryHeardEntity,
  RejectedEntity,
  RestorationEntity,
  RevokedDigestEntity,
  RuleRevisionEntity,
  RulingEntity,
  SweepEntity,
  SweepRepositoryEntity,
  SweepRunEntity,
  TagEntity,
  VaultFetchEntity,
  ViolationEntity,
  WaiverEntity,
];
