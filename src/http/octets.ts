const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * `text` as its sender meant it: a field value whose characters are the octets of valid UTF-8 (a client library decoded
 * them one by one, RFC 9110 §5.5) is decoded; any other text is returned as it is.
 */
export const decodeOctets = (text: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: octets are what is looked for
  if (!/[\x80-\xff]/.test(text) || !/^[\x00-\xff]*$/.test(text)) return text;
  try {
    return utf8.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  } catch {
    return text;
  }
};

/** `text` percent-decoded as UTF-8, or as it is where that is not possible. */
export const decodePercent = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
