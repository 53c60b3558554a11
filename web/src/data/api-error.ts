/** Why something was not done. `message` is the server's own words, fit to be shown; empty where the server was not reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 where the server was not reached. */
  readonly status: number;
  /** A code of the server's table of errors, `OFFLINE` where it was not reached. */
  readonly code: string;

  constructor(message: string, status: number, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}
