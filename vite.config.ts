import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const folder = fileURLToPath(new URL('./dist/web/', import.meta.url));

/** Puts `.br` and `.gz` beside every file that they make smaller. */
const compressed: Plugin = {
  name: 'compressed',
  closeBundle() {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(?:html|js|css|svg|json)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
      for (const [ending, small] of [
        ['.br', brotliCompressSync(bytes, quality)],
        ['.gz', gzipSync(bytes, { level: 9 })],
      ] as const) {
        if (small.length < bytes.length) writeFileSync(path + ending, small);
      }
    }
  },
};

// No address begins with a slash: the page is served below any path.
export default defineConfig({
  root: fileURLToPath(new URL('./web/', import.meta.url)),
  base: './',
  clearScreen: false,
  logLevel: 'warn',
  plugins: [compressed],
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // The policy of the page allows no data: in styles and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // Says of every library of components that "use client" means nothing here.
      onLog: (level, log, handle) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : handle(level, log)),
    },
  },
});
