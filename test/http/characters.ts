import fc from 'fast-check';

/** Any UTF-16 code unit, half of them octets: surrogates stand alone, controls abound. */
export const character = fc.oneof(fc.nat(0xff), fc.nat(0xffff)).map((code) => String.fromCharCode(code));
