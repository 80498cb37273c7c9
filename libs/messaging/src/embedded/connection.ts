import type { ClientConfig } from 'pg';

/** How the embedded bus reaches its database. */
export type ConnectionOptions = {
  /** Of a database that has EMBEDDED_BUS_SCHEMA. */
  readonly connectionString: string;
  /** PEM text of the authority that signed the server's certificate; TLS is then required. */
  readonly ca?: string | undefined;
  /** Role to act as, where the login has more rights than a bus needs. */
  readonly role?: string | undefined;
};

export const clientConfigOf = ({ connectionString, ca, role }: ConnectionOptions): ClientConfig => ({
  connectionString,
  ...(ca === undefined ? {} : { ssl: { ca, rejectUnauthorized: true } }),
  ...(role === undefined ? {} : { options: `-c role=${role}` }),
});
