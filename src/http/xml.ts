import { XMLParser, XMLValidator } from 'fast-xml-parser';

import { HydrantError } from '../core/errors.ts';

/** An element without its namespace's prefix. Elements of other namespaces than the document's are not among its children. */
export interface XmlElement {
  readonly name: string;
  readonly prefix: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly content: readonly unknown[];
}

const text = '#text';
const cdata = '#cdata';
const attributes = ':@';
const deepest = 20;

// Entities are put in here, and none but XML's own: a document can't make them grow.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: text,
  cdataPropName: cdata,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: deepest,
});

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The root of the XML document in `document`; `what` begins messages. Documents with a DOCTYPE are refused. Throws OPTION_INVALID. */
export const parseXml = (document: string, what: string): XmlElement => {
  const refused = (detail: string): HydrantError => new HydrantError('OPTION_INVALID', `${what} ${detail.replace(/\s*\n\s*/g, ' ')}`);
  const source = document.replace(/^\uFEFF/, '').trim();
  if (/<!(?:DOCTYPE|ENTITY)/i.test(source)) throw refused('has a DOCTYPE, which is not read');
  let nodes: unknown;
  try {
    const verdict = XMLValidator.validate(source);
    if (verdict !== true) throw refused(`is not well-formed: line ${verdict.err.line}: ${verdict.err.msg}`);
    nodes = parser.parse(source);
  } catch (error) {
    if (error instanceof HydrantError) throw error;
    throw refused(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [root, ...others] = elementsIn(Array.isArray(nodes) ? nodes : []);
  if (root === undefined || others.length > 0) throw refused('is not well-formed: it has no single first element');
  return root;
};

const elementsIn = (content: readonly unknown[]): readonly XmlElement[] =>
  content.flatMap((node) => {
    const fields = node as Readonly<Record<string, unknown>>;
    const tag = Object.keys(fields).find((key) => key !== attributes);
    const inner = tag === undefined ? undefined : fields[tag];
    if (tag === undefined || tag === text || tag === cdata || tag.startsWith('?') || !Array.isArray(inner)) return [];
    const colon = tag.indexOf(':');
    const given = (fields[attributes] ?? {}) as Readonly<Record<string, unknown>>;
    return [{ name: tag.slice(colon + 1), prefix: tag.slice(0, colon + 1), attributes: given, content: inner }];
  });

/** The elements called `name` directly in `element`. */
export const childrenOf = (element: XmlElement, name: string): readonly XmlElement[] =>
  elementsIn(element.content).filter((child) => child.name === name && child.prefix === element.prefix);

/** The text directly in `element`, without blanks around it. */
export const textOf = (element: XmlElement): string => element.content.map(pieceOf).join('').trim();

const pieceOf = (node: unknown): string => {
  const fields = node as Readonly<Record<string, unknown>>;
  if (typeof fields[text] === 'string') return decoded(fields[text]);
  const inner = fields[cdata];
  return Array.isArray(inner) ? inner.map((part: Readonly<Record<string, unknown>>) => String(part[text] ?? '')).join('') : '';
};

/** The attribute called `name`; undefined where there is none. */
export const attribute = (element: XmlElement, name: string): string | undefined => {
  const value = Object.hasOwn(element.attributes, name) ? element.attributes[name] : undefined;
  return typeof value === 'string' ? decoded(value) : undefined;
};

const decoded = (raw: string): string =>
  raw.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
