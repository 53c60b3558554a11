/** What of a buffer is left to bytes on their way from the sockets: a share, at most this many. */
const mostOnTheirWay = 32 * 1024 * 1024;

/** How much of `buffer` a window in memory may hold: half. */
export const windowIn = (buffer: number): number => buffer - Math.min(mostOnTheirWay, Math.floor(buffer / 2));

/** How much of `buffer` may wait for the disk: three eighths, since a chunk or two more of each connection may come. */
export const backlogIn = (buffer: number): number => Math.floor((buffer * 3) / 8);
