import type { z } from 'zod';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { authorizationOf } from '../vendor-api/authorization.js';
import { VendorApi } from '../vendor-api/vendor-api.js';

const PAGE_SIZE = 100;
const MAX_PAGES = 1000;

/** Harbor's own API; robot accounts use the password that they push with. */
export function createHarborApi(
  options: RegistryClientOptions,
  settings?: ClientSettings,
  secrets: string[] = [],
): VendorApi {
  const base = new URL(`${options.url.replace(/\/+$/, '')}/api/v2.0/`);
  // A project may be named 2024, and is not the one with that number.
  const headers = { 'x-is-resource-name': 'true' };
  return new VendorApi({
    client: options,
    settings,
    base,
    headers,
    authorization: () => authorizationOf(options),
    secrets,
  });
}

/** All items of a list, page by page, which are counted from 1 and end with one that is not full. */
export async function* itemsOf<T>(api: VendorApi, schema: z.ZodType<T[] | null>, path: string): AsyncGenerator<T> {
  for (let page = 1; page <= MAX_PAGES; page++) {
    const query = { page: String(page), page_size: String(PAGE_SIZE) };
    const items = (await api.read(schema, { method: 'GET', path, query })) ?? [];
    yield* items;
    if (items.length < PAGE_SIZE) return;
  }
  throw api.badAnswer({ method: 'GET', path }, `lists more than ${MAX_PAGES} pages`);
}
