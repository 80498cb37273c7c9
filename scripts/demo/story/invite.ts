import { REGISTRY_NAME, RULE } from '../service/start-service.js';
import { FREE_TAG, REPOSITORY, type Scene, TAG } from './scene.js';

/** What to try while everything stays up. */
export function invite({ terminal, registry, service }: Scene, folder: string): void {
  const { url, adminKey } = service;
  const image = `${registry.host}/${REPOSITORY}`;
  const tag = `registry=${REGISTRY_NAME}&repository=${REPOSITORY}&tag=${TAG}`;
  const curl = (path: string, ...more: string[]) => `curl -s -H "$AUTH" ${more.join('')}'${url}${path}'`;
  terminal.title('Everything is still up. Try it yourself:');
  terminal.list([
    ['Tagwarden', url],
    ['admin key', adminKey],
    ['hook', `${url}/hooks/${REGISTRY_NAME}`],
    ['registry', `${registry.host} (${registry.kind}); sealed are the tags ${RULE.tags} of ${RULE.repositories}`],
    ['configuration', `${folder}/tagwarden.yaml`],
  ]);
  const blocks: [string, string[]][] = [
    [
      'Ask what happened',
      [
        `AUTH='Authorization: Bearer ${adminKey}'`,
        curl(`/api/v1/history?${tag}`),
        curl(`/api/v1/resolve?${tag}&at=${new Date().toISOString()}`),
        curl(`/api/v1/events?repository=${REPOSITORY}`, `-H 'Accept: text/csv' `),
        curl('/api/v1/violations'),
      ],
    ],
    [
      'Overwrite and delete the tag with skopeo, then look again',
      [
        `skopeo copy --all --src-tls-verify=false --dest-tls-verify=false docker://${image}:${FREE_TAG} docker://${image}:${TAG}`,
        `skopeo delete --tls-verify=false docker://${image}:${TAG}`,
        `skopeo inspect --tls-verify=false --raw docker://${image}:${TAG} | sha256sum`,
      ],
    ],
    [
      'Push an image of your own with docker',
      [`docker pull alpine`, `docker tag alpine ${image}:v2.0.0`, `docker push ${image}:v2.0.0`],
    ],
  ];
  for (const [heading, commands] of blocks) {
    terminal.title(heading);
    for (const command of commands) terminal.say(command);
  }
  terminal.title('Ctrl-C stops all of it and removes its files.');
}
