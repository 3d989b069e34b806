// Pictures of pages for people to look at: node tests/shots.mjs BASE OUT [PATH…]; wide, narrow, dark and as printed.
import { mkdirSync } from 'node:fs';
import { launch, built } from './browser.mjs';

const [base, out, ...paths] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const browser = await launch();
const sizes = (process.env.SIZES ?? 'wide,narrow').split(',');
const looks = {
	wide: { viewport: { width: 1280, height: 900 } },
	dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
	narrow: { viewport: { width: 390, height: 844 } },
	print: { viewport: { width: 1000, height: 900 } },
};
for (const path of paths) {
	for (const size of sizes) {
		const context = await browser.newContext({ locale: process.env.LOCALE ?? 'en', ...looks[size] });
		await built(context);
		const page = await context.newPage();
		page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(path, size, message.text()));
		page.on('pageerror', (error) => console.log(path, size, 'pageerror', error.message));
		await page.goto(base + path, { waitUntil: 'networkidle' });
		if (size === 'print') await page.emulateMedia({ media: 'print' });
		await page.waitForTimeout(250);
		const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		if (over > 0) console.log(path, size, 'overflows by', over);
		const name = path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '').slice(0, 50) || 'start';
		await page.screenshot({ path: `${out}/${name}-${size}.png`, fullPage: process.env.FULL === '1' });
		await context.close();
	}
}
await browser.close();
