import type { FaultOf } from './faults.ts';
import type { Ask } from './request.ts';

interface Signature {
  readonly made: number;
  uses: number;
}

/** Signatures that redirects hand out and expiring targets check. */
export class Signatures {
  readonly #made = new Map<string, Signature>();

  /** `target` with a new signature in its query. */
  sign(target: string): string {
    const name = `s${this.#made.size + 1}`;
    this.#made.set(name, { made: performance.now(), uses: 0 });
    return `${target}${target.includes('?') ? '&' : '?'}signature=${name}`;
  }

  /** Whether the request's signature still holds; looking uses it up by one. */
  spend(ask: Ask, limits: FaultOf<'expire'>): boolean {
    const found = this.#made.get(/[?&]signature=([^&]*)/.exec(ask.target)?.[1] ?? '');
    if (found === undefined) return false;
    found.uses += 1;
    if (limits.uses !== undefined && found.uses > limits.uses) return false;
    return limits.for === undefined || performance.now() - found.made <= limits.for;
  }
}
