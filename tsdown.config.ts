import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    testing: 'src/testing/testing.ts',
    'testing/origin-process': 'src/testing/origin-process.ts',
    'cli/main': 'src/cli/main.ts',
    'cli/hs': 'src/cli/hs.ts',
  },
  format: 'esm',
  fixedExtension: false,
  platform: 'node',
  target: 'node20.19',
  dts: true,
  // The page is built beside it.
  clean: ['dist/*', '!dist/web'],
  outDir: 'dist',
});
