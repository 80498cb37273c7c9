/** In the User-Agent of what we send, and in the OpenAPI document. A spec compares it with package.json. */
export const VERSION = '0.1.0';
