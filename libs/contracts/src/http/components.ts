import { z } from 'zod';
import { RuleBody } from '../rule-definition.js';
import { BreakerResetBody, BreakerView } from './breakers.js';
import { EventView } from './events.js';
import { ExposureView } from './exposure.js';
import { IncidentOutcomeView, IncidentView } from './incidents.js';
import { CreatedKeyView, KeyView, NewKeyBody } from './keys.js';
import { pageOf } from './page.js';
import { RulePreviewBody, RulePreviewView } from './preview.js';
import { InstalledSubscriptionView, RegistryView, SealingView, SubscriptionView, SweepView } from './registries.js';
import { RegistryBody, SubscriptionBody } from './registry-bodies.js';
import { ReceiptView, RejectedView } from './rejected.js';
import { ReinstatementBody, RevocationBody, RevocationView } from './revocations.js';
import { HTTP_ROUTES } from './routes.js';
import { RuleImportBody, RuleImportView } from './rule-imports.js';
import { HealthView, Problem } from './service.js';
import { RuleView } from './settings.js';
import { BindingView, ExplanationView, ResolutionView, TagView } from './tags.js';
import { AcceptBody, AcknowledgeBody, RestoreBody, ViolationView } from './violations.js';
import { WaiverBody, WaiverReasonBody, WaiverView } from './waivers.js';

/** Everything that goes over HTTP as a body, by its name in the OpenAPI document. */
export const COMPONENTS = {
  Problem,
  Health: HealthView,
  Tag: TagView,
  TagPage: pageOf(TagView),
  Binding: BindingView,
  BindingPage: pageOf(BindingView),
  Resolution: ResolutionView,
  Explanation: ExplanationView,
  Event: EventView,
  EventPage: pageOf(EventView),
  Violation: ViolationView,
  ViolationPage: pageOf(ViolationView),
  Acceptance: AcceptBody,
  Acknowledgement: AcknowledgeBody,
  RestoreRequest: RestoreBody,
  Breaker: BreakerView,
  BreakerPage: pageOf(BreakerView),
  BreakerReset: BreakerResetBody,
  Revocation: RevocationView,
  RevocationPage: pageOf(RevocationView),
  RevocationRequest: RevocationBody,
  Reinstatement: ReinstatementBody,
  Exposure: ExposureView,
  Incident: IncidentView,
  IncidentPage: pageOf(IncidentView),
  IncidentOutcome: IncidentOutcomeView,
  Rejected: RejectedView,
  RejectedPage: pageOf(RejectedView),
  Receipt: ReceiptView,
  Rule: RuleView,
  RulePage: pageOf(RuleView),
  RulePreviewRequest: RulePreviewBody,
  RulePreview: RulePreviewView,
  RuleDefinition: RuleBody,
  RuleImportRequest: RuleImportBody,
  RuleImport: RuleImportView,
  Waiver: WaiverView,
  WaiverPage: pageOf(WaiverView),
  WaiverRequest: WaiverBody,
  WaiverReason: WaiverReasonBody,
  Registry: RegistryView,
  RegistryPage: pageOf(RegistryView),
  RegistryDefinition: RegistryBody,
  Subscription: SubscriptionView,
  SubscriptionRequest: SubscriptionBody,
  InstalledSubscription: InstalledSubscriptionView,
  Sweep: SweepView,
  Sealing: SealingView,
  Key: KeyView,
  KeyPage: pageOf(KeyView),
  NewKey: NewKeyBody,
  CreatedKey: CreatedKeyView,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type ComponentName = keyof typeof COMPONENTS;

/** JSON Schemas that refer to each other by their place in the document. */
export function renderComponents(): Record<string, unknown> {
  return { ...renderAll(isBody, 'input'), ...renderAll((name) => !isBody(name), 'output') };
}

const BODIES: ReadonlySet<string> = new Set(HTTP_ROUTES.flatMap(({ body }) => body ?? []));
const isBody = (name: string): boolean => BODIES.has(name);

function renderAll(isWanted: (name: string) => boolean, io: 'input' | 'output'): Record<string, unknown> {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) if (isWanted(id)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, { io, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}
