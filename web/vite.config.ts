import { defineConfig } from 'vitest/config';
import { svelte } from '@sveltejs/vite-plugin-svelte';

// `npm run dev` asks a server that runs beside it: `shejire serve --builtin`
const server = process.env['SHEJIRE'] ?? 'http://127.0.0.1:7474';

export default defineConfig({
	plugins: [svelte()],
	build: {
		outDir: '../src/server/assets/dist',
		emptyOutDir: true,
		target: 'es2022',
		// the policy of the server forbids what is inline
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		rollupOptions: {
			output: {
				entryFileNames: 'assets/[name]-[hash].js',
				chunkFileNames: 'assets/[name]-[hash].js',
				assetFileNames: 'assets/[name]-[hash][extname]',
				// the editor is loaded by the page of queries alone, and changes less often than we do
				manualChunks: (id: string) => (id.includes('@codemirror') || id.includes('@lezer') || id.includes('style-mod') ? 'editor' : undefined),
			},
		},
	},
	server: {
		proxy: {
			'/api': {
				target: server,
				changeOrigin: true,
				configure: (proxy) => proxy.on('proxyReq', (request) => request.removeHeader('origin')),
			},
		},
	},
	test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
