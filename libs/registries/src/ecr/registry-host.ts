/** The account and region that a registry's host names. */
export type RegistryHost = {
  readonly account: string;
  readonly region: string;
  /** Of the API beside it. */
  readonly apiUrl: string;
};

// 123456789012.dkr.ecr.eu-west-1.amazonaws.com, its FIPS and dual-stack forms, and China's.
const HOST =
  /^(\d{12})\.dkr[.-]ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/;

/** null where the registry is reached by another name. */
export function findRegistryHost(url: string | undefined): RegistryHost | null {
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : '';
  const [, account, fips, region, domain] = HOST.exec(host) ?? [];
  if (account === undefined || region === undefined || domain === undefined) return null;
  return { account, region, apiUrl: `https://${apiHost(region, fips !== undefined, domain.endsWith('.cn'))}` };
}

export const apiHost = (region: string, isFips: boolean, isChina: boolean): string =>
  isFips ? `ecr-fips.${region}.amazonaws.com` : `api.ecr.${region}.amazonaws.com${isChina ? '.cn' : ''}`;
