import type { HttpRoute } from './routes.js';

export const PREVIEW_ROUTES: readonly HttpRoute[] = [
  {
    method: 'post',
    path: '/api/v1/rules/preview',
    operationId: 'previewRule',
    summary: 'What a rule that is not saved would do',
    description:
      'What it covers now, what it would have caught in a window of the recorded past had it been switched on when the window began, alone, ' +
      'and what is odd about its patterns. A disabled rule is looked at as if it were enabled. Nothing is written.',
    body: 'RulePreviewRequest',
    answers: { 200: { description: 'The preview.', schema: 'RulePreview' } },
    problems: [422],
  },
];
