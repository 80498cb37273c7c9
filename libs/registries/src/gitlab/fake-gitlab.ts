import { FakeRegistry, type FakeReply, type FakeRequest } from '#testing';
import { jsonReply, pageByLink } from '../fake-vendor.js';

export type FakeGitlabOptions = {
  readonly account?: { readonly username: string; readonly password: string };
  /** What the group has from the start. */
  readonly repositories?: readonly string[];
  readonly group?: string;
};

/** A registry with GitLab's API on the same port, which lists the repositories of one group, two a page; the catalog is closed. */
export async function startFakeGitlab({
  account,
  repositories = [],
  group = 'cat',
}: FakeGitlabOptions = {}): Promise<FakeRegistry> {
  const known = new Set(repositories);
  const vendor = ({ method, url, headers }: FakeRequest): FakeReply | null => {
    const pushed = /^\/v2\/(.+)\/manifests\//.exec(url.pathname)?.[1];
    if (method === 'PUT' && pushed?.startsWith(`${group}/`)) known.add(pushed);
    if (!url.pathname.startsWith('/api/')) return null;
    if (account && headers.authorization !== `Bearer ${account.password}`)
      return jsonReply(401, { message: '401 Unauthorized' });
    if (method !== 'GET' || url.pathname !== `/api/v4/groups/${encodeURIComponent(group)}/registry/repositories`) {
      return jsonReply(404, { message: '404 Group Not Found' });
    }
    return pageByLink(
      [...known].map((path, id) => ({ id, name: '', path })),
      url,
    );
  };
  const auth = account && { auth: { type: 'bearer', ...account } as const };
  return FakeRegistry.start({ vendor, hidesCatalog: true, ...auth });
}
