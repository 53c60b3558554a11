/** What is done with an option: it is used, makes no difference, is left out with a note, or can't be done at all. */
export type CurlOption = { readonly name: string; readonly value: boolean; readonly act: 'used' | 'idle' | 'noted' | 'refused' };

const rows = (act: CurlOption['act'], value: boolean, names: string): readonly CurlOption[] =>
  names.split(/\s+/).map((name) => ({ name, value, act }));

/** curl's options by their long names. */
export const curlOptions: ReadonlyMap<string, CurlOption> = new Map(
  [
    ...rows('used', true, 'url header user-agent referer cookie user output limit-rate request oauth2-bearer'),
    ...rows('used', false, 'globoff next'),
    ...rows(
      'idle',
      false,
      'compressed location location-trusted silent show-error fail fail-early fail-with-body verbose include progress-bar no-progress-meter remote-name remote-header-name remote-name-all remote-time http0.9 http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only path-as-is no-buffer get head basic create-dirs parallel parallel-immediate no-keepalive tcp-nodelay tcp-fastopen disable styled-output junk-session-cookies retry-connrefused retry-all-errors no-clobber no-sessionid xattr suppress-connect-headers tr-encoding remove-on-error skip-existing',
    ),
    ...rows(
      'idle',
      true,
      'connect-timeout max-time retry retry-delay retry-max-time cookie-jar dump-header write-out speed-limit speed-time max-redirs output-dir stderr trace trace-ascii keepalive-time parallel-max create-file-mode expect100-timeout happy-eyeballs-timeout-ms',
    ),
    ...rows(
      'noted',
      false,
      'insecure ipv4 ipv6 netrc netrc-optional digest anyauth ntlm negotiate proxytunnel tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 sslv2 sslv3 ssl-no-revoke ca-native cert-status raw ignore-content-length',
    ),
    ...rows(
      'noted',
      true,
      'proxy proxy-user proxy-header preproxy socks4 socks4a socks5 socks5-hostname noproxy cacert capath cert cert-type key key-type pass ciphers tls13-ciphers tls-max curves pinnedpubkey resolve connect-to interface local-port dns-servers doh-url unix-socket range continue-at time-cond max-filesize config netrc-file proto proto-default proto-redir rate etag-save etag-compare',
    ),
    ...rows(
      'refused',
      true,
      'data data-ascii data-binary data-raw data-urlencode url-query json form form-string upload-file quote mail-from mail-rcpt telnet-option',
    ),
    ...rows('refused', false, 'append'),
  ].map((row) => [row.name, row]),
);

/** Long names of curl's one-letter options. */
export const curlLetters: ReadonlyMap<string, string> = new Map(
  Object.entries({
    A: 'user-agent',
    b: 'cookie',
    c: 'cookie-jar',
    C: 'continue-at',
    d: 'data',
    D: 'dump-header',
    e: 'referer',
    E: 'cert',
    f: 'fail',
    F: 'form',
    g: 'globoff',
    G: 'get',
    H: 'header',
    i: 'include',
    I: 'head',
    j: 'junk-session-cookies',
    J: 'remote-header-name',
    k: 'insecure',
    K: 'config',
    L: 'location',
    m: 'max-time',
    n: 'netrc',
    N: 'no-buffer',
    o: 'output',
    O: 'remote-name',
    p: 'proxytunnel',
    q: 'disable',
    Q: 'quote',
    r: 'range',
    R: 'remote-time',
    s: 'silent',
    S: 'show-error',
    T: 'upload-file',
    u: 'user',
    U: 'proxy-user',
    v: 'verbose',
    w: 'write-out',
    x: 'proxy',
    X: 'request',
    y: 'speed-time',
    Y: 'speed-limit',
    z: 'time-cond',
    Z: 'parallel',
    '0': 'http1.0',
    '1': 'tlsv1',
    '2': 'sslv2',
    '3': 'sslv3',
    '4': 'ipv4',
    '6': 'ipv6',
    '#': 'progress-bar',
    ':': 'next',
  }),
);
