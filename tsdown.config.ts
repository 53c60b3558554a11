import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: { index: 'src/index.ts', testing: 'src/testing/testing.ts', 'cli/main': 'src/cli/main.ts', 'cli/hs': 'src/cli/hs.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  dts: true,
  clean: true,
  outDir: 'dist',
});
