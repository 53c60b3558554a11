const here: string = import.meta.url;

/** The path that the page is served below, with a slash at its end: the scripts are in a folder of it. */
export const home: string = new URL('..', here).pathname;

/** The same without the slash, as the router wants it. */
export const base: string = home.slice(0, -1);

/** The whole address of `path`, which begins without a slash: `stream/abc123`. */
export const addressOf = (path: string): string => new URL(home + path, location.origin).href;
