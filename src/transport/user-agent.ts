/** How hydrant names itself to sources (RFC 9110 §10.1.5). */
export const userAgent = 'hydrant/0.1.0';
