/* Whose fault a refusal is: the server names the fields that it speaks of, so what it says can stand beside them. */

const fields = [
  ...['volumes', 'max_threads', 'max_per_volume', 'max_split', 'cache', 'headers', 'name', 'output_filename', 'auto_filename'],
  ...['rate_limit_bps', 'rate_limit_algorithm', 'persist', 'plugins', 'content_disposition', 'host_mappings', 'host'],
  ...['global_rate_limit_bps', 'global_rate_limit_algorithm', 'plugin_globals', 'download_dir', 'dns'],
] as const;

/** A field that the server may speak of; `rest` is what belongs to none. */
export type Spoken = (typeof fields)[number] | 'rest';

/** What is to be said, by field. */
export type Words = { readonly [Name in Spoken]?: string };

const start = new RegExp(`^(?:task \\d+: )?(${fields.join('|')})((?:\\[\\d+\\]|\\.[\\w-]+)*): `);

/** The refusal `message` in its parts; `plugins` are ids that it may begin with. */
export const wordsByField = (message: string, plugins: readonly string[] = []): Words => {
  const found: Partial<Record<Spoken, string>> = {};
  const add = (name: Spoken, text: string): void => {
    found[name] = found[name] === undefined ? text : `${found[name]}; ${text}`;
  };
  let last: Spoken = 'rest';
  for (const part of message.split('; ')) {
    const [head, name, place = ''] = start.exec(part) ?? [];
    const isPlugin = /^unknown plugin\b/.test(part) || plugins.some((id) => id !== '' && part.startsWith(`${id}: `));
    if (name !== undefined) last = name as Spoken;
    else if (/^there is no source\b/.test(part)) last = 'volumes';
    else if (/^host mapping\b/.test(part)) last = 'host_mappings';
    else if (isPlugin) last = 'plugins';
    // What goes on after a semicolon is still about the same.
    const rest = head === undefined ? part : part.slice(head.length);
    add(last, place === '' ? rest : `${place.replace(/^\./, '')}: ${rest}`);
  }
  return found;
};
