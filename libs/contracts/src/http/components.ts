import { z } from 'zod';
import { EventView } from './events.js';
import { pageOf } from './page.js';
import { ReceiptView, RejectedView } from './rejected.js';
import { HealthView, Problem } from './service.js';
import { RegistryView, RuleView } from './settings.js';
import { BindingView, ExplanationView, ResolutionView, TagView } from './tags.js';
import { AcceptBody, AcknowledgeBody, ViolationView } from './violations.js';

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
  Rejected: RejectedView,
  RejectedPage: pageOf(RejectedView),
  Receipt: ReceiptView,
  Rule: RuleView,
  RulePage: pageOf(RuleView),
  Registry: RegistryView,
  RegistryPage: pageOf(RegistryView),
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type ComponentName = keyof typeof COMPONENTS;

/** JSON Schemas that refer to each other by their place in the document. */
export function renderComponents(): Record<string, unknown> {
  return { ...renderAll(isBody, 'input'), ...renderAll((name) => !isBody(name), 'output') };
}

const isBody = (name: string): boolean => name === 'Acceptance' || name === 'Acknowledgement';

function renderAll(isWanted: (name: string) => boolean, io: 'input' | 'output'): Record<string, unknown> {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) if (isWanted(id)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, { io, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}
