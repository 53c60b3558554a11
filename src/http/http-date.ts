const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const imf = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const rfc850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const asctime = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

type Parts = readonly [day: string, month: string, year: string, hour: string, minute: string, second: string];

const fromParts = ([day, month, year, hour, minute, second]: Parts): number | undefined => {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), months.indexOf(month), Number(day));
  const real = months.includes(month) && date.getUTCDate() === Number(day) && Number(day) > 0;
  // A leap second is on the wire as :60.
  if (!real || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  return date.getTime() + (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
};

/**
 * Milliseconds since 1970-01-01 UTC of an HTTP-date in any of its three forms (RFC 9110 §5.6.7); undefined for anything
 * else. `wall` is the time now: a two-digit year is the latest that is not more than 50 years ahead.
 */
export const parseHttpDate = (text: string, wall: number): number | undefined => {
  const long = imf.exec(text);
  if (long !== null) {
    const [, day = '', month = '', year = '', hour = '', minute = '', second = ''] = long;
    return fromParts([day, month, year, hour, minute, second]);
  }
  const old = rfc850.exec(text);
  if (old !== null) {
    const [, day = '', month = '', year = '', hour = '', minute = '', second = ''] = old;
    const limit = new Date(wall).getUTCFullYear() + 50;
    const full = limit - ((limit - Number(year)) % 100);
    return fromParts([day, month, String(full), hour, minute, second]);
  }
  const unix = asctime.exec(text);
  if (unix === null) return undefined;
  const [, month = '', day = '', hour = '', minute = '', second = '', year = ''] = unix;
  return fromParts([day, month, year, hour, minute, second]);
};
