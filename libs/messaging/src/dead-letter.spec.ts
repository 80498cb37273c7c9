import { describe, expect, test } from '@jest/globals';
import type { OutgoingMessage } from '#application';
import { MessageRejectedError } from './bus.errors.js';
import { DEAD_LETTER_HEADERS, sendDeadLetter, toDeadLetter } from './dead-letter.js';

const record = { offset: 7n, key: 'r/a', value: Buffer.from('v'), headers: { kind: 'push' } };
const source = { topic: 't', partition: 3, group: 'g' };

describe('a dead letter', () => {
  test('keeps key, value and headers, and says where it comes from and why', () => {
    expect(toDeadLetter(record, source, new Error('no digest'))).toEqual({
      key: 'r/a',
      value: Buffer.from('v'),
      headers: {
        kind: 'push',
        'dead-letter-topic': 't',
        'dead-letter-partition': '3',
        'dead-letter-offset': '7',
        'dead-letter-group': 'g',
        'dead-letter-reason': 'no digest',
      },
    });
  });

  test('caps the reason at 1 kB without cutting a character in two', () => {
    const reason = toDeadLetter(record, source, new Error(`a${'é'.repeat(2000)}\0`)).headers?.[
      DEAD_LETTER_HEADERS.reason
    ];
    expect(reason).toBe(`a${'é'.repeat(511)}`);
  });

  test('goes without its value when the bus takes it no other way', async () => {
    const sent: OutgoingMessage[] = [];
    await sendDeadLetter(toDeadLetter(record, source, 'x'), async (letter) => {
      if (letter.value.length > 0) throw new MessageRejectedError('too large');
      sent.push(letter);
    });
    expect(sent[0]?.headers?.[DEAD_LETTER_HEADERS.omittedBytes]).toBe('1');
  });
});
