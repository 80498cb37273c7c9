import { FakeRegistry, type FakeReply, type FakeRequest } from '#testing';

export type FakeGitlabOptions = {
  readonly account?: { readonly username: string; readonly password: string };
  /** What the group has from the start. */
  readonly repositories?: readonly string[];
  readonly group?: string;
};

const json = (status: number, value: unknown, headers: Record<string, string> = {}): FakeReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

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
      return json(401, { message: '401 Unauthorized' });
    if (method !== 'GET' || url.pathname !== `/api/v4/groups/${encodeURIComponent(group)}/registry/repositories`) {
      return json(404, { message: '404 Group Not Found' });
    }
    return pageOf([...known], url);
  };
  const auth = account && { auth: { type: 'bearer', ...account } as const };
  return FakeRegistry.start({ vendor, hidesCatalog: true, ...auth });
}

function pageOf(known: readonly string[], url: URL): FakeReply {
  const page = Number(url.searchParams.get('page') ?? 1);
  const listed = known.slice(2 * page - 2, 2 * page).map((path, id) => ({ id, name: '', path }));
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  return json(200, listed, known.length > 2 * page ? { link: `<${next}>; rel="next"` } : {});
}
