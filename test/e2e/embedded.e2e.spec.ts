import { describe } from '@jest/globals';
import { tellTheStory } from './story.js';

describe('On the embedded bus', () => {
  tellTheStory(async () => ({}));
});
