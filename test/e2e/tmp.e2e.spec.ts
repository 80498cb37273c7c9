import { describe } from '@jest/globals';
import { tellTheStory } from './tmp-story.js';

describe('On the embedded bus', () => {
  tellTheStory(async () => ({}));
});
