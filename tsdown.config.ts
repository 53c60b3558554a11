import { existsSync } from 'node:fs';
import { defineConfig } from 'tsdown';

const entries = {
  errors: 'src/core/errors.ts',
  index: 'src/index.ts',
  testing: 'src/testing/testing.ts',
  'testing/origin-process': 'src/testing/origin-process.ts',
  'cli/main': 'src/cli/main.ts',
  'cli/hs': 'src/cli/hs.ts',
};

export default defineConfig({
  entry: Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path))),
  format: 'esm',
  fixedExtension: false,
  platform: 'node',
  target: 'node20.19',
  dts: true,
  clean: true,
  outDir: 'dist',
});
