import { FakeRegistry, type FakeReply, type FakeRequest } from '#testing';
import { jsonReply } from '../fake-vendor.js';

export type FakeNexusOptions = {
  /** The deployment policy "disable redeploy", in the words of older (400) or newer (409) versions. */
  readonly redeploy?: 'allowed' | 400 | 409;
};

/** A Docker repository with a port of its own. */
export async function startFakeNexus({ redeploy = 'allowed' }: FakeNexusOptions = {}): Promise<FakeRegistry> {
  const pushed = new Set<string>();
  const vendor = ({ method, url }: FakeRequest): FakeReply | null => {
    const [, reference = ''] = /^\/v2\/.+\/manifests\/([^/:]+)$/.exec(url.pathname) ?? [];
    if (method !== 'PUT' || reference === '') return null;
    if (redeploy !== 'allowed' && pushed.has(url.pathname)) return refusal(redeploy);
    pushed.add(url.pathname);
    return null;
  };
  return FakeRegistry.start({ vendor });
}

function refusal(status: 400 | 409): FakeReply {
  const words = { 400: 'Repository does not allow updating assets: docker-hosted', 409: 'v1 - cannot be updated' };
  const errors = [{ code: 'UNKNOWN', message: words[status], detail: null }];
  return jsonReply(status, { errors });
}
