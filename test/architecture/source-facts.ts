import ts from 'typescript';

/** What the architecture cares about in one source file. */
export interface SourceFacts {
  /** Specifiers of static, type-only, dynamic and inline-type imports, and of re-exports. */
  readonly imports: readonly string[];
  /** Whether names of another module are exported on. */
  readonly passesOn: boolean;
  /** Clocks, timers and randomness that the file reads by itself, e.g. `Date.now`. */
  readonly ambient: readonly string[];
  readonly lines: number;
}

const ambientNames = new Set(['performance', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'crypto']);
const ambientMembers = new Set(['Date.now', 'Math.random', 'AbortSignal.timeout']);

const ambientIn = (node: ts.Node): string | undefined => {
  if (ts.isPropertyAccessExpression(node) && ambientMembers.has(node.getText())) return node.getText();
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (!ts.isIdentifier(node) || !ambientNames.has(node.text)) return undefined;
  const { parent } = node;
  const isGlobalMember = ts.isPropertyAccessExpression(parent) && parent.expression.getText() === 'globalThis';
  const isName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) && parent.name === node);
  return isName && !isGlobalMember ? undefined : node.text;
};

const importIn = (node: ts.Node): string | undefined => {
  let specifier: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) specifier = node.argument.literal;
  else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require')) {
    specifier = node.arguments[0];
    if (specifier !== undefined && !ts.isStringLiteralLike(specifier)) return `(computed) ${specifier.getText()}`;
  }
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
};

/** Reads TypeScript text; comments and strings never count. */
export const sourceFacts = (text: string): SourceFacts => {
  const file = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const imports: string[] = [];
  const ambient: string[] = [];
  let passesOn = false;
  const visit = (node: ts.Node): void => {
    const specifier = importIn(node);
    if (specifier !== undefined) imports.push(specifier);
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) passesOn = true;
    const read = ambientIn(node);
    if (read !== undefined) ambient.push(read);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, passesOn, ambient, lines: text.split('\n').length - 1 };
};
