/** Before this byte stands the version, `HTTP/1.1 `. */
const statusAt = 9;
const head = /^HTTP\/1\.[01] 1[0-9]{2}[ \r]/;

/**
 * Makes each 100 (Continue) at the start of `bytes` a 103, in place: a client must skip one that it did not ask for
 * (RFC 9110 §15.2), and undici takes it for an error. Returns whether the next bytes may be the start of a head again.
 */
export const skipContinue = (bytes: Buffer): boolean => {
  for (let start = 0; start < bytes.length; ) {
    if (!head.test(bytes.toString('latin1', start, start + statusAt + 4))) return false;
    if (bytes.toString('latin1', start + statusAt, start + statusAt + 3) === '100') bytes.write('103', start + statusAt, 'latin1');
    const end = bytes.indexOf('\r\n\r\n', start);
    if (end < 0) return false;
    start = end + 4;
  }
  return true;
};
