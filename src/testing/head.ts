import { STATUS_CODES } from 'node:http';

/** Header fields that keep the case of their names and are found in any. */
export class Head {
  readonly #fields = new Map<string, readonly [name: string, value: string]>();

  set(fields: Readonly<Record<string, string | null | undefined>>): void {
    for (const [name, value] of Object.entries(fields)) {
      if (value === null) this.#fields.delete(name.toLowerCase());
      else if (value !== undefined) this.#fields.set(name.toLowerCase(), [name, value]);
    }
  }

  text(version: string, status: number): string {
    const lines = [...this.#fields.values()].map(([name, value]) => `${name}: ${value}\r\n`);
    return `HTTP/${version} ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`;
  }
}
