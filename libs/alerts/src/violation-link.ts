/** Where a person reads on: the violation's page in the console. Null where no public URL is configured. */
export function violationLink(publicUrl: string | null, violationId: string): string | null {
  return publicUrl === null ? null : `${publicUrl.replace(/\/+$/, '')}/violations/${encodeURIComponent(violationId)}`;
}
