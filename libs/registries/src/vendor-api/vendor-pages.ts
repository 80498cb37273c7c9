import type { z } from 'zod';
import { findNextLink } from '../distribution/next-page.js';
import type { VendorApi, VendorCall } from './vendor-api.js';

const MAX_PAGES = 1000;

/** A vendor's list that goes on by `Link: rel="next"`. Throws `RegistryError`, also where a link leads to another host. */
export async function* vendorPages<T extends z.ZodType>(
  api: VendorApi,
  schema: T,
  path: string,
): AsyncGenerator<z.output<T>> {
  const first: VendorCall = { method: 'GET', path };
  let call = first;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { body, headers } = await api.readAnswer(schema, call);
    yield body;
    const next = findNextLink(headers.link);
    if (next === null) return;
    call = { method: 'GET', path: next };
  }
  throw api.badAnswer(first, `listed more than ${MAX_PAGES} pages`);
}
