// A headless Chromium of Debian's, as every check here uses it.
import path from 'node:path';
import { chromium } from 'playwright-core';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });

/** DIST names a build that no program holds yet: it is shown in the place of the program's own. */
export async function built(context) {
	const { DIST } = process.env;
	if (!DIST) return;
	await context.route('**/*', (route) => {
		const { pathname } = new URL(route.request().url());
		if (pathname.startsWith('/assets/')) return route.fulfill({ path: path.join(DIST, pathname) });
		if (route.request().resourceType() === 'document' && route.request().url().startsWith('http')) return route.fulfill({ path: path.join(DIST, 'index.html') });
		return route.continue();
	});
}
