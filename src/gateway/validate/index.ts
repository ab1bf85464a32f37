/** The validator, for every kind of application. */
export type { Breach, ValidateOptions } from "./breach.ts";
export type { BreachCode } from "./rules.ts";
export { validate } from "./validate.ts";
export { validateFetch } from "./validate-fetch.ts";
export { validateWsgi } from "./validate-wsgi.ts";
