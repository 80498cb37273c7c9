/** Without user, password, query and fragment: a redirect's query often holds a signature. */
export const redactUrl = (url: URL): string => `${url.origin}${url.pathname}`;
