import { HydrantError } from '../core/errors.ts';
import type { Settings } from './ports.ts';
import type { Source } from './source.ts';
import { worst } from './sources.ts';

/** The patience of one transfer: any new byte refills it; when it is spent, the transfer ends with what went wrong last. */
export class Budget {
  readonly #settings: Settings;
  #progressAt: number;
  #last: HydrantError | undefined;

  constructor(settings: Settings, now: number) {
    this.#settings = settings;
    this.#progressAt = now;
  }

  progressed(now: number): void {
    this.#progressAt = now;
  }

  failed(error: HydrantError): void {
    this.#last = error;
  }

  /** Why a volume that needs bytes is beyond hope at `now`, or undefined. `working`: some lease of the transfer runs. */
  spent(now: number, sources: readonly Source[], working: boolean): HydrantError | undefined {
    const { retries, retryTimeout } = this.#settings;
    const hope = sources.filter((source) => source.status !== 'out');
    if (hope.length === 0) return working ? undefined : worst(sources);
    const tired = !working && retries !== undefined && hope.every((source) => source.failures > retries);
    return tired || now - this.#progressAt > retryTimeout ? this.#overdue(now, sources) : undefined;
  }

  #overdue(now: number, sources: readonly Source[]): HydrantError {
    const last = this.#last ?? sources.find((source) => source.error !== undefined)?.error;
    const seconds = Math.round((now - this.#progressAt) / 1000);
    const [first] = sources;
    if (last === undefined)
      return new HydrantError('SOURCE_STALLED', `no byte came for ${seconds} s`, first === undefined ? {} : { url: first.spec.url });
    const facts = {
      cause: last,
      ...(last.url !== undefined && { url: last.url }),
      ...(last.status !== undefined && { status: last.status }),
    };
    return new HydrantError(last.code, `${last.message}; gave up after ${seconds} s without progress`, facts);
  }
}
