// The pictures of docs/explorer.md: `node tests/pictures.mjs` compares them with what the pages look like now, `--write` makes them
// anew. They are set in the program's own font, so that they do not depend on what is installed.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { built, launch } from './browser.mjs';
import { register, serve, stop } from './served.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const folder = path.join(root, 'docs/explorer');
const write = process.argv.includes('--write');
/** Most that the brightness of one of the fields of a picture may differ from what it was. */
const ALLOWED = 0.06;
const FIELDS = [48, 30];

const font = (file) => `data:font/woff2;base64,${readFileSync(path.join(root, 'src/picture/font', file)).toString('base64')}`;
const faces = readdirSync(path.join(root, 'src/picture/font')).filter((file) => file.endsWith('.woff2'));
const style = faces
	.map((file) => `@font-face{font-family:'Own';font-weight:${/bold/i.test(file) ? 700 : 400};src:url(${font(file)})}`)
	.join('') + ":root{--sans:'Own'!important;--serif:'Own'!important;--mono:'Own'!important}*{caret-color:transparent!important;transition:none!important}";

const query = 'MATCH (a)-[r:`transformed-into`|`replaced-by`|`renamed-to`]->(b)\nRETURN a, type(r) AS how, b, support(r) AS documents';
const browser = await launch();
const [reforms, communes, towns] = await Promise.all([serve('--builtin'), serve('--data', 'examples/communes-manche'), serve(...register())]);
const pages = {
	start: [reforms, '/'],
	search: [reforms, '/find?q=court'],
	entity: [towns, '/e/upper?open=0&at=b:1.2'],
	lineage: [communes, '/lineage/50041_2017-01-01?pick=b0'],
	changes: [communes, '/changes?of=crosswalk&from=2010&to=2024'],
	conflicts: [reforms, '/conflicts'],
	documents: [reforms, '/s'],
	document: [towns, '/s/a?at=a:2.1'],
	query: [reforms, `/query?q=${encodeURIComponent(query)}&run=1`],
	graph: [reforms, '/graph?ids=constitutional-court'],
	schema: [reforms, '/schema'],
	'two-days': [towns, '/e/mill?asof=2000&and=2002-06-01'],
};

/** The mean brightness of each field of a picture. */
async function fields(page, png) {
	return page.evaluate(
		async ([data, [across, down]]) => {
			const image = new Image();
			image.src = `data:image/png;base64,${data}`;
			await image.decode();
			const canvas = new OffscreenCanvas(across, down);
			const context = canvas.getContext('2d');
			context.imageSmoothingQuality = 'high';
			context.drawImage(image, 0, 0, across, down);
			const { data: pixels } = context.getImageData(0, 0, across, down);
			return { size: [image.width, image.height], light: Array.from({ length: across * down }, (_, at) => (pixels[4 * at] + pixels[4 * at + 1] + pixels[4 * at + 2]) / 765) };
		},
		[png.toString('base64'), FIELDS],
	);
}

mkdirSync(folder, { recursive: true });
const reader = await browser.newPage();
const wrong = [];
for (const [name, [base, address]] of Object.entries(pages)) {
	const context = await browser.newContext({ locale: 'en', viewport: { width: 1120, height: 700 }, colorScheme: 'light', bypassCSP: true, reducedMotion: 'reduce' });
	await built(context);
	const page = await context.newPage();
	await page.goto(base + address, { waitUntil: 'networkidle' });
	await page.addStyleTag({ content: style });
	await page.evaluate(() => document.fonts.ready);
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	// how long a query took is another figure each time
	await page.evaluate(() => document.querySelectorAll('.status').forEach((one) => (one.textContent = one.textContent.replace(/ in [\d.,]+ (µs|ms|s)/, ''))));
	const png = await page.screenshot();
	const file = path.join(folder, `${name}.png`);
	if (write) {
		writeFileSync(file, png);
	} else {
		const [was, now] = [await fields(reader, readFileSync(file)), await fields(reader, png)];
		const most = Math.max(...was.light.map((light, at) => Math.abs(light - now.light[at])));
		if (String(was.size) !== String(now.size) || most > ALLOWED) wrong.push(`${name}: ${most.toFixed(3)}`);
	}
	await context.close();
}
await browser.close();
stop();

const text = readFileSync(path.join(root, 'docs/explorer.md'), 'utf8');
for (const name of Object.keys(pages)) assert.ok(text.includes(`(explorer/${name}.png)`), `docs/explorer.md does not show ${name}`);
assert.deepEqual(readdirSync(folder).sort(), Object.keys(pages).map((name) => `${name}.png`).sort(), 'pictures of no page');
if (wrong.length) {
	console.log(`the pages do not look as docs/explorer.md shows them (node tests/pictures.mjs --write):\n  ${wrong.join('\n  ')}`);
	process.exit(1);
}
console.log(`${Object.keys(pages).length} pictures ${write ? 'written' : 'are what the pages look like'}`);
