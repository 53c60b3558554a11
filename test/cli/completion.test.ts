import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { bashScript, fishScript, zshScript } from '../../src/cli/completion-scripts.ts';
import { helpText } from '../../src/cli/help.ts';
import { hsTable } from '../../src/cli/hs-options.ts';
import { manuals } from '../../src/cli/manuals.ts';
import type { CommandName } from '../../src/core/option-row.ts';
import { keyOf, optionTable, rowsOf } from '../../src/core/options.ts';
import { needs } from '../e2e/needs.ts';
import { Desk } from '../e2e/run.ts';

/** What bash offers for the last of `words`. */
const offered = (...words: readonly string[]): readonly string[] => {
  const line = words.map((word) => `'${word}'`).join(' ');
  const script = `${bashScript()}\nCOMP_WORDS=(${line}) COMP_CWORD=${words.length - 1}; _hydrant; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n').sort();
};

describe('completion in bash', () => {
  it('offers commands first', () => {
    expect(offered('hydrant', '')).toEqual(['--help', '--version', 'cat', 'completion', 'get', 'probe', 'serve', 'task'].sort());
  });

  it('offers the options of the command alone', () => {
    expect(offered('hydrant', 'get', '--li')).toEqual(['--limit', '--limit-per-file']);
    expect(offered('hydrant', 'cat', '--fo')).toEqual(['--force']);
    expect(offered('hydrant', 'get', '--fo')).toEqual(['']);
  });

  it('offers the choices of an option, files for a path, and nothing for a number', () => {
    expect(offered('hydrant', 'get', '--if-exists', 're')).toEqual(['rename', 'resume']);
    expect(offered('hydrant', 'get', '-o', 'packa')).toEqual(['package-lock.json', 'package.json']);
    expect(offered('hydrant', 'get', '--connections', '')).toEqual(['']);
  });

  it('offers the shells', () => {
    expect(offered('hydrant', 'completion', 'z')).toEqual(['zsh']);
  });

  it('offers what can be done with tasks', () => {
    expect(offered('hydrant', 'task', 'e')).toEqual(['edit', 'export']);
  });
});

for (const [shell, script] of Object.entries({ zsh: zshScript(), fish: fishScript() })) {
  needs(shell)(`completion in ${shell}`, () => {
    it('is a script that the shell can read', () => {
      using desk = new Desk();
      writeFileSync(desk.at('script'), script);
      expect(spawnSync(shell, ['-n', desk.at('script')], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    });
  });

  it(`completion in ${shell} knows every option that there is, and none that is still to come`, () => {
    for (const [name, { later, kind, default: value }] of rowsOf(optionTable)) {
      const flag = `${kind === 'flag' && value === true ? 'no-' : ''}${keyOf(name)}`;
      const known = shell === 'zsh' ? script.includes(`--${flag}[`) : new RegExp(` -l ${flag} `).test(script);
      expect(known, flag).toBe(later !== true);
    }
  });
}

describe('help', () => {
  it.each(['get', 'cat', 'probe', 'serve', 'task'] as const)('of %s lists its options, and no other', (command: CommandName) => {
    const text = helpText(manuals[command], optionTable, (row) => row.on.includes(command));
    for (const [name, row] of rowsOf(optionTable)) {
      const listed = new RegExp(`--(no-)?${keyOf(name)}(\\[=| |$)`, 'm').test(
        text.split('\nExamples:')[0]?.split('\n\n').slice(2).join('\n') ?? '',
      );
      const mentioned = row.on.some((one) => one === command) && row.later !== true;
      if (mentioned) expect(listed, name).toBe(true);
    }
    expect(text).not.toMatch(/--(proxy|browser|netrc|cookies) /);
  });

  it('is at most a hundred columns wide', () => {
    const texts = [helpText(manuals.get, optionTable, () => true), helpText(manuals.get, hsTable, () => true, 'v')];
    for (const line of texts.flatMap((text) => text.split('\n'))) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});
