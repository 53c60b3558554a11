/** Where a user's files belong (XDG base directories); a relative path in the environment is ignored, as that says. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of what can be fetched again. */
export const cacheFolder = (environment: Environment, home: string): string =>
  `${folder(environment.XDG_CACHE_HOME, `${home}/.cache`)}/hydrant`;

/** The folder of what a program remembers. */
export const stateFolder = (environment: Environment, home: string): string =>
  `${folder(environment.XDG_STATE_HOME, `${home}/.local/state`)}/hydrant`;

const folder = (said: string | undefined, usual: string): string => (said?.startsWith('/') ? said : usual);
