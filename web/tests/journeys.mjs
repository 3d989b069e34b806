// What an analyst does, done in a browser against the program; and on every page: no barrier that axe finds, no error, no
// request to anybody else, nothing wider than the window.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { built, launch } from './browser.mjs';
import { keyboard } from './keyboard.mjs';
import { program, register, serve, stop } from './served.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const only = process.argv[2];
const browser = await launch();
let failed = 0;
let count = 0;

async function journey(name, options, walk) {
	if (only && !(only === 'walks' ? !name.startsWith('page ') : name.includes(only))) return;
	count += 1;
	const started = Date.now();
	const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options });
	await built(context);
	const page = await context.newPage();
	page.setDefaultTimeout(7_000);
	const wrong = [];
	const foreign = [];
	page.on('console', (message) => message.type() === 'error' && !/status of 40[0-9]/.test(message.text()) && wrong.push(message.text()));
	page.on('pageerror', (error) => wrong.push(error.message));
	page.on('request', (request) => !/^(http:\/\/127\.0\.0\.1|data:|blob:|file:)/.test(request.url()) && foreign.push(request.url()));
	try {
		await walk(page);
		assert.deepEqual(wrong, [], 'the console has errors');
		assert.deepEqual(foreign, [], 'somebody else was asked');
		console.log(`ok    ${String(Date.now() - started).padStart(5)} ms  ${name}`);
	} catch (error) {
		failed += 1;
		console.log(`FAIL  ${String(Date.now() - started).padStart(5)} ms  ${name}\n${String(error?.stack ?? error).replace(/^/gm, '      ')}\n      at ${page.url()} ${wrong.join(' | ')}`);
		await page.screenshot({ path: path.join(tmpdir(), `journey-${count}.png`) }).catch(() => {});
	}
	await context.close();
}

const [reforms, communes, towns] = await Promise.all([serve('--builtin'), serve('--data', 'examples/communes-manche'), serve(...register())]);

await journey('a name in another script finds the body', {}, async (page) => {
	await page.goto(reforms);
	await page.locator('#search').pressSequentially('құрыл');
	await page.getByRole('option', { name: /National Kurultai/ }).click();
	await page.getByRole('heading', { level: 1, name: 'National Kurultai' }).waitFor();
	assert.match(page.url(), /\/e\/national-kurultai$/);
	await page.keyboard.press('?');
	await page.getByRole('dialog').waitFor();
});

await journey('from a fact two clicks to its sentence, with its neighbours', {}, async (page) => {
	await page.goto(`${towns}/e/mill`);
	await page.getByRole('link', { name: 'a:2.1' }).first().click();
	const panel = page.getByRole('complementary', { name: 'Place a:2.1' });
	await panel.getByText('Upper Mill and Lower Mill were joined on 1 January 1999.').waitFor();
	assert.ok(await panel.getByText('Notices.').isVisible() && await panel.getByText('The new town is called Mill.').isVisible());
	assert.ok(await panel.getByText('the sentence is the one that was read').isVisible());
	await panel.getByRole('link', { name: /Sentence below/ }).click();
	await page.getByRole('complementary', { name: 'Place a:2.2' }).waitFor();
	await page.goBack();
	await page.getByRole('complementary', { name: 'Place a:2.1' }).waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('complementary').waitFor({ state: 'detached' });
});

await journey('values in dispute stand beside each other, each with its own places', {}, async (page) => {
	await page.goto(`${towns}/e/upper`);
	const fact = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Mill', exact: true }) }).first();
	await fact.getByText('in dispute').waitFor();
	await fact.getByRole('button', { name: /Places of this fact/ }).click();
	const rows = fact.getByRole('table').getByRole('row');
	const told = await rows.allInnerTexts();
	assert.equal(told.length, 3, told.join('\n'));
	assert.ok(told.some((row) => /1 January 1999/.test(row) && /district/.test(row) && /a:2\.1/.test(row) && !/b:1\.2/.test(row)), told.join('\n'));
	assert.ok(told.some((row) => /1998/.test(row) && /historian/.test(row) && /b:1\.2/.test(row)), told.join('\n'));
});

await journey('a denial is shown as one, and an unsourced date as unsourced', {}, async (page) => {
	await page.goto(`${towns}/e/far`);
	await page.getByRole('button', { name: /Places of this fact/ }).click();
	await page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Mill', exact: true }) }).first().getByText('denied here').waitFor();
	await page.goto(`${towns}/e/upper`);
	await page.locator('.life').getByText('not sourced').waitFor();
});

await journey('a lineage is read act by act, and saved', {}, async (page) => {
	await page.goto(`${towns}/e/mill`);
	await page.getByRole('link', { name: 'Lineage', exact: true }).click();
	await page.getByRole('button', { name: /Lower Mill, merged into, Mill/ }).press('Enter');
	const chosen = page.locator('.chosen');
	await chosen.getByText('1 January 1999').waitFor();
	assert.ok(await chosen.getByRole('link', { name: 'The gazette of the district' }).isVisible());
	const picked = page.url();
	await page.reload();
	await page.locator('.chosen').getByText('1 January 1999').waitFor();
	assert.equal(page.url(), picked, 'the choice is part of the address');
	for (const form of ['SVG', 'CSV', 'HTML']) {
		const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: form, exact: true }).click()]);
		assert.ok(readFileSync(await file.path(), 'utf8').includes('Lower Mill'), form);
	}
	await page.keyboard.press('t');
	await page.getByRole('table').getByRole('row', { name: /Lower Mill/ }).waitFor();
});

await journey('the timeline is zoomed and its as-of line moved, all by the keyboard', {}, async (page) => {
	await page.goto(`${towns}/lineage/mill`);
	const chart = page.getByRole('application');
	await chart.focus();
	await page.keyboard.press('+');
	await page.waitForURL(/t=\d{4}-\d\d-\d\d\/\d{4}/);
	await page.keyboard.press('0');
	await page.waitForURL((url) => !url.search.includes('t='));
	await page.getByRole('slider', { name: 'As of', exact: true }).focus();
	await page.keyboard.press('ArrowLeft');
	await page.waitForURL(/asof=\d{4}-\d\d-\d\d/);
});

await journey('as of a day only what held then is told', {}, async (page) => {
	const { rows } = await (await fetch(`${communes}/api/v1/query`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: 'MATCH (a)-[r:`merged-into`]->(b) RETURN b.id, r.date ORDER BY r.date LIMIT 1' }) })).json();
	await page.goto(`${communes}/e/${rows[0][0]}`);
	const facts = page.locator('section[aria-labelledby="facts"] li.fact');
	await facts.first().waitFor();
	const all = await facts.count();
	await page.getByRole('textbox', { name: 'Day of the world' }).fill('1900');
	await page.keyboard.press('Enter');
	await page.getByText(/did not hold then/).waitFor();
	assert.ok((await facts.count()) < all, 'something is hidden');
	await page.getByRole('textbox', { name: 'Day of the world' }).fill('soon');
	await page.keyboard.press('Enter');
	await page.getByText(/A date is written like/).waitFor();
	await page.getByRole('button', { name: 'Any time' }).click();
	await page.waitForURL((url) => !url.search.includes('asof'));
});

await journey('known by a day only what was written then is told', {}, async (page) => {
	await page.goto(`${towns}/e/upper`);
	await page.getByText('in dispute').waitFor();
	await page.getByRole('textbox', { name: 'Day of the documents' }).fill('2000');
	await page.keyboard.press('Enter');
	await page.getByText('in dispute').waitFor({ state: 'detached' });
	assert.equal(await page.getByRole('link', { name: 'b:1.2' }).count(), 0);
});

await journey('a conflict is found, both sides with their places', {}, async (page) => {
	await page.goto(reforms);
	await page.getByRole('link', { name: 'Where do the documents disagree?' }).click();
	await page.getByRole('searchbox', { name: /Filter by topic/ }).fill('court');
	const card = page.getByRole('article').first();
	await card.getByText('Constitutional Court created vs restored').waitFor();
	for (const citation of ['000:32.1', '003:11.10']) assert.ok(await card.getByRole('link', { name: citation }).isVisible());
	await page.waitForURL(/filter=court/);
});

await journey('a query with a slip is mended with one click and answered with its places', {}, async (page) => {
	await page.goto(`${reforms}/query`);
	const editor = page.getByRole('textbox', { name: 'Query text' });
	await editor.click();
	await editor.pressSequentially('MATCH (a)-[r:`transformed-into`]->(b) RETRUN a, b', { delay: 5 });
	await page.locator('.cm-lintRange-error').first().hover();
	await page.getByRole('button', { name: /Replace with RETURN/ }).click();
	await editor.press('Control+Enter');
	const row = page.getByRole('row', { name: /National Kurultai/ });
	await row.getByRole('link', { name: '001:22.1' }).waitFor();
	const shared = page.url();
	await page.reload();
	await row.waitFor();
	assert.equal(page.url(), shared);
	await page.getByRole('button', { name: 'Graph' }).click();
	await page.getByRole('button', { name: /National Kurultai, institution/ }).waitFor();
	const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
	assert.match(readFileSync(await file.path(), 'utf8'), /^a,b,citations\r\nNational Council of Public Trust,National Kurultai,000:11\.1/);
});

await journey('a doubtful name is pointed out, and written better with one click', {}, async (page) => {
	await page.goto(`${reforms}/query?q=${encodeURIComponent('MATCH (n:institutio) RETURN n')}&run=1`);
	await page.getByText('the graph has no label `institutio`').first().waitFor();
	await page.getByRole('button', { name: /did you mean/ }).click();
	await page.getByRole('row', { name: /Constitutional Court/ }).first().waitFor();
});

await journey('a query that takes too long is stopped', {}, async (page) => {
	await page.goto(`${reforms}/query?q=${encodeURIComponent('UNWIND range(1, 2000000000) AS x RETURN count(x)')}&run=1`);
	await page.getByRole('button', { name: 'Stop', exact: true }).click();
	await page.getByText('Stopped.').waitFor({ timeout: 1000 });
	for (let n = 0; ; n++) {
		const figures = await (await fetch(`${reforms}/metrics`)).text();
		if (/shejire_statements_running 0/.test(figures)) break;
		assert.ok(n < 20, 'the statement still runs');
		await new Promise((done) => setTimeout(done, 50));
	}
});

await journey('parameters are asked for and part of the address', {}, async (page) => {
	await page.goto(`${reforms}/query?q=${encodeURIComponent('MATCH (n {id: $who}) RETURN n.name')}`);
	await page.getByLabel('$who').fill('national-kurultai');
	await page.getByRole('button', { name: 'Run', exact: true }).click();
	await page.getByRole('row', { name: 'National Kurultai' }).waitFor();
	assert.match(page.url(), /p\.who=national-kurultai/);
});

await journey('a document is read, and its sentences tell their facts', {}, async (page) => {
	await page.goto(`${towns}/s`);
	await page.getByRole('link', { name: 'The gazette of the district' }).click();
	await page.getByRole('button', { name: /a:2\.1, 2 facts/ }).click();
	const panel = page.getByRole('complementary');
	await panel.getByText('Stated here').waitFor();
	assert.equal(await panel.getByRole('link', { name: 'Lower Mill' }).count(), 1);
	await page.goto(`${towns}/s/a#2.1`);
	await page.getByRole('complementary', { name: 'Place a:2.1' }).waitFor();
	await page.goto(`${reforms}/s/003`);
	await page.getByText(/The text is not at hand/).first().waitFor();
});

await journey('neighbours are added, hidden and taken back', {}, async (page) => {
	await page.goto(`${reforms}/e/constitutional-court`);
	await page.getByRole('link', { name: 'Neighbours' }).click();
	const nodes = page.locator('g.node');
	await nodes.first().waitFor();
	const before = await nodes.count();
	await page.getByRole('button', { name: /Rule of law, concept/ }).focus();
	await page.keyboard.press('Delete');
	await page.waitForFunction((before) => document.querySelectorAll('g.node').length === before - 1, before);
	await page.getByRole('button', { name: 'Undo' }).click();
	await page.waitForFunction((before) => document.querySelectorAll('g.node').length === before, before);
});

await journey('a lineage saved as a page opens from its file and asks nobody', {}, async (page) => {
	const html = await (await fetch(`${towns}/api/v1/trace/mill.html`)).text();
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'shejire-page-')), 'mill.html');
	writeFileSync(file, html);
	const asked = [];
	page.on('request', (request) => asked.push(request.url()));
	await page.goto(`file://${file}`);
	await page.locator('svg text', { hasText: 'Lower' }).first().waitFor();
	await page.getByText('The same as tables').click();
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
	assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0]?.target}`), []);
	assert.deepEqual(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')), []);
});

await journey('everything by the keyboard, in Kazakh', { locale: 'kk-KZ' }, async (page) => {
	await page.goto(towns);
	await page.getByText('Құжаттар').first().waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.lang), 'kk');
	await page.keyboard.press('/');
	await page.keyboard.type('диір');
	await page.getByRole('option').first().waitFor();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { level: 1, name: 'Mill' }).waitFor();
	// to the first place, and its sentence
	for (let n = 0; n < 40 && !(await page.evaluate(() => document.activeElement?.classList.contains('cite'))); n++) await page.keyboard.press('j');
	await page.keyboard.press('Enter');
	await page.getByText('оқылған сөйлемнің өзі').waitFor();
	await page.keyboard.press('Escape');
	await page.keyboard.press('l');
	await page.waitForURL(/\/lineage\/mill/);
	await page.getByRole('application').waitFor();
	await page.keyboard.press('t');
	await page.getByRole('table').waitFor();
	await page.keyboard.press('g');
	await page.keyboard.press('q');
	await page.waitForURL(/\/query/);
	await page.keyboard.press('?');
	await page.getByRole('dialog').waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('dialog').waitFor({ state: 'detached' });
});

await journey('a server with a token asks for it once', {}, async (page) => {
	const guarded = await serve('--builtin', '--write', '--token-file', tokenFile());
	await page.goto(`${guarded}/e/national-kurultai`);
	await page.getByLabel('Token').fill('wrong');
	await page.getByRole('button', { name: 'Enter' }).click();
	await page.getByText('That is not the token').waitFor();
	await page.goto(`${guarded}/e/national-kurultai#token=a%20long%20token%20of%20tests`);
	await page.getByRole('heading', { level: 1, name: 'National Kurultai' }).waitFor();
	assert.ok(!page.url().includes('token'), page.url());
	await page.goto(`${guarded}/conflicts`);
	await page.getByRole('article').first().waitFor();
	assert.equal(await page.evaluate(() => document.cookie), '', 'scripts do not see the session');
});

await journey('a text becomes five cited facts, one is taken back, and their lineage is drawn', {}, async (page) => {
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'shejire-store-')), 'own.shejire');
	const own = await serve('--db', file, '--write', '--token-file', tokenFile());
	await page.goto(`${own}/annotate#token=a%20long%20token%20of%20tests`);
	await page.getByLabel('Id of the document').fill('gazette');
	await page.getByLabel('Title').fill('The gazette');
	await page.getByLabel('Date', { exact: true }).first().fill('1999');
	await page.getByLabel('Text', { exact: true }).fill('Upper Mill and Lower Mill were joined to Mill on 1 January 1999. Mill lies on the Ford. It has a school. It is never called Miltown.');
	await page.getByRole('button', { name: 'Find its sentences' }).click();
	const write = async (at, subject, relation, object, more = async () => {}) => {
		await page.getByRole('button', { name: new RegExp(`^1\\.${at}:`) }).click();
		const party = async (label, name) => {
			const group = page.getByRole('group', { name: label, exact: true });
			const another = group.getByRole('button', { name: 'Another' });
			if (await another.isVisible()) await another.click();
			const box = group.getByRole('combobox', { name: label, exact: true });
			await box.fill(name);
			await page.waitForTimeout(250);
			const option = page.getByRole('option', { name: new RegExp(`^${name} `) });
			if (await option.count()) await option.first().click();
			else await group.getByLabel('Kind', { exact: true }).fill('town');
		};
		await party('Subject', subject);
		await page.getByLabel('Relation', { exact: true }).fill(relation);
		await party('Object', object);
		await more();
		await page.getByRole('button', { name: 'What does it contradict?' }).click();
		await page.getByText('It contradicts nothing.').waitFor();
		const before = await page.getByRole('button', { name: 'Take back' }).count();
		await page.getByRole('button', { name: 'Write it' }).click();
		await page.waitForFunction((n) => [...document.querySelectorAll('button')].filter((one) => one.textContent === 'Take back').length === n + 1, before);
	};
	const dated = () => page.getByLabel('Date', { exact: true }).last().fill('1999-01-01');
	await write(1, 'Upper Mill', 'merged-into', 'Mill', dated);
	await write(1, 'Lower Mill', 'merged-into', 'Mill', dated);
	await write(2, 'Mill', 'lies-on', 'Ford');
	await write(3, 'Mill', 'has', 'School');
	await write(4, 'Mill', 'called', 'Miltown');
	await page.getByRole('button', { name: 'Take back' }).first().click();
	await page.waitForFunction(() => [...document.querySelectorAll('button')].filter((one) => one.textContent === 'Take back').length === 4);
	await page.getByRole('link', { name: 'Upper Mill merged into Mill' }).click();
	await page.getByRole('complementary', { name: 'Place gazette:1.1' }).waitFor();
	await page.getByRole('link', { name: 'gazette:1.1' }).first().waitFor();
	await page.goto(`${own}/graph?ids=mill`);
	for (const name of ['Upper Mill', 'Lower Mill', 'Ford', 'School']) await page.getByRole('button', { name: `${name}, town` }).waitFor();
	await page.goto(`${own}/e/mill`);
	await page.getByText('School').waitFor();
	assert.equal(await page.getByText('Miltown').count(), 0, 'what was taken back is gone');
	await page.reload();
	await page.getByRole('link', { name: 'Lower Mill' }).waitFor();
});

await journey('a page is kept as a view, found again as it stood, and forgotten', {}, async (page) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'shejire-views-'));
	const own = await serve('--builtin', '--write', '--token-file', tokenFile(), '--views', folder);
	await page.goto(`${own}/conflicts?filter=court#token=a%20long%20token%20of%20tests`);
	await page.goto(`${own}/conflicts?filter=court`);
	await page.getByRole('article').first().waitFor();
	await page.getByRole('button', { name: 'Keep' }).click();
	await page.getByLabel('Name of the file').fill('courts');
	await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
	await page.getByRole('dialog').waitFor({ state: 'detached' });
	assert.match(readFileSync(path.join(folder, 'courts.view.toml'), 'utf8'), /filter = "court"/);
	await page.goto(`${own}/views/courts`);
	await page.waitForURL(/conflicts\?filter=court/);
	await page.goto(`${own}/views`);
	await page.getByRole('button', { name: 'Forget' }).click();
	await page.getByText(/Nothing is kept yet/).waitFor();
});

await journey('two days are compared, on a page and on the time axis', {}, async (page) => {
	await page.goto(`${towns}/e/mill?asof=2000&and=2002-06-01`);
	const section = page.locator('section[aria-labelledby="between"]');
	await section.getByText('Far Ford').waitFor();
	assert.equal(await section.getByText('Upper Mill').count(), 0, 'nothing changed of that between these days');
	await page.goto(`${towns}/lineage/mill?asof=1990&and=2000`);
	await page.locator('section[aria-labelledby="between"]').getByText('Lower Mill').waitFor();
});

await journey('how two are related is found by a name', {}, async (page) => {
	await page.goto(`${reforms}/graph?ids=national-kurultai`);
	await page.getByRole('combobox', { name: /How is it related to/ }).fill('Constitutional Court');
	await page.getByRole('option', { name: /^Constitutional Court/ }).first().click();
	await page.waitForURL(/to=constitutional-court/);
	await page.getByRole('button', { name: 'National Kurultai, institution' }).waitFor();
	await page.getByRole('button', { name: 'Constitutional Court, institution' }).waitFor();
});

await journey('what changed between two editions, and what each body became', {}, async (page) => {
	await page.goto(`${communes}/changes?of=editions`);
	await page.getByRole('link', { name: '2017' }).click();
	const rows = page.getByRole('table').getByRole('row');
	await rows.nth(1).waitFor();
	await page.getByRole('button', { name: /^added/ }).click();
	await page.waitForURL(/only=added/);
	assert.ok(await rows.count() > 5);
	await page.getByRole('link', { name: /:/ }).first().click();
	await page.getByRole('complementary').waitFor();
	await page.keyboard.press('Escape');
	await page.goto(`${communes}/changes?from=2015-12-31&to=2016-01-02`);
	await page.getByRole('button', { name: /^began/ }).click();
	await page.getByRole('row', { name: /began/ }).first().waitFor();
	await page.goto(`${communes}/changes?of=crosswalk&from=2010&to=2024`);
	await page.getByRole('button', { name: /^merged/ }).click();
	const merged = page.getByRole('row', { name: /merged/ }).first();
	const name = await merged.getByRole('rowheader').innerText();
	await merged.getByRole('rowheader').getByRole('link').click();
	await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
	await page.goto(`${communes}/changes?of=crosswalk&from=2024&to=2010`);
	await page.getByText(/the second day is before the first/).waitFor();
});

await journey('a whole answer as one page that opens from its file, asks nobody and is searched', {}, async (page) => {
	await page.goto(`${reforms}/query?q=${encodeURIComponent('MATCH (a:institution)-[r]->(b) RETURN a, r, b LIMIT 12')}&run=1`);
	const html = async () => {
		const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'HTML' }).click()]);
		return readFileSync(await file.path(), 'utf8');
	};
	const once = await html();
	assert.equal(await html(), once, 'the same answer gives the same bytes');
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'shejire-page-')), 'answer.html');
	writeFileSync(file, once);
	const asked = [];
	page.on('request', (request) => asked.push(request.url()));
	await page.goto(`file://${file}`);
	const rows = page.locator('tbody tr:visible');
	const all = await rows.count();
	assert.equal(all, 12);
	await page.locator('svg').first().waitFor();
	await page.getByRole('searchbox').fill('constitutional');
	await page.waitForFunction((all) => document.querySelectorAll('tbody tr:not([hidden])').length < all, all);
	assert.ok(await rows.count() > 0);
	assert.deepEqual(asked.filter((url) => !/^(file|data):/.test(url)), []);
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
	assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0]?.target}`), []);
});

await journey('a graph in a style of its own, a node put elsewhere, and saved in every form', {}, async (page) => {
	await page.goto(`${reforms}/graph?ids=constitutional-court`);
	await page.locator('g.node').first().waitFor();
	await page.getByText('Style', { exact: true }).click();
	await page.getByLabel(/lines of a style file/).fill('[[rule]]\nkind = "institution"\ncolour = "#aa2211"\n');
	await page.getByRole('button', { name: 'Apply' }).click();
	await page.locator('g.node rect[stroke="#aa2211"]').first().waitFor();
	const node = page.getByRole('button', { name: /Rule of law, concept/ });
	const before = await node.boundingBox();
	await page.mouse.move(before.x + before.width / 2, before.y + before.height / 2);
	await page.mouse.down();
	await page.mouse.move(before.x + before.width / 2 + 60, before.y + before.height / 2 + 40, { steps: 5 });
	await page.mouse.up();
	await page.waitForURL(/pin=/);
	const after = await node.boundingBox();
	assert.ok(Math.abs(after.x - before.x - 60) < 8 && Math.abs(after.y - before.y - 40) < 8, JSON.stringify([before, after]));
	await page.getByRole('button', { name: 'Put back' }).click();
	await page.waitForURL((url) => !url.search.includes('pin='));
	for (const [form, begins] of [['SVG', '<svg'], ['PNG', '\u0089PNG'], ['PDF', '%PDF'], ['HTML', '<!DOCTYPE'], ['MMD', 'flowchart'], ['DOT', 'digraph']]) {
		const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: form, exact: true }).click()]);
		const bytes = readFileSync(await file.path());
		assert.ok(bytes.subarray(0, 400).toString('latin1').includes(begins), form);
		if (form === 'SVG') assert.match(bytes.toString(), /#aa2211/);
	}
	await page.goto(`${reforms}/graph?ids=constitutional-court&style=${encodeURIComponent('[[rule]]\ncolor = 1')}`);
	await page.getByText(/the style file cannot be read in line 2/).waitFor();
});

await journey('what was known by a day against today, document by document', {}, async (page) => {
	await page.goto(`${towns}/e/upper?knownby=2000`);
	await page.getByRole('heading', { level: 1, name: 'Upper Mill' }).waitFor();
	assert.equal(await page.getByText('in dispute').count(), 0);
	await page.getByRole('slider', { name: 'Dates of the documents' }).press('End');
	await page.getByText('in dispute').waitFor();
	const paper = page.locator('.paper', { has: page.getByRole('link', { name: 'A history of the valley' }) });
	await paper.getByText('otherwise').waitFor();
	assert.match((await paper.innerText()).replace(/\s+/g, ' '), /date 1998 before it 1 January 1999/);
	await page.goto(`${communes}/changes?of=editions&from=2022`);
	await page.getByRole('row', { name: /added/ }).first().waitFor();
	await page.goto(`${reforms}/changes?of=editions&from=2022`);
	await page.getByRole('row', { name: /added/ }).first().waitFor();
});

await journey('from a dispute to how each place was read, to the conflict, and back', {}, async (page) => {
	await page.goto(`${towns}/e/mill`);
	const fact = page.getByRole('listitem').filter({ has: page.getByText('denied here') });
	const row = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Far Ford' }) }).first();
	await row.getByRole('button', { name: /Places of this fact/ }).click();
	await fact.first().getByText('denied here').first().waitFor();
	for (const head of ['As written', 'As identified', 'As ruled']) assert.ok((await row.getByText(head).count()) > 0, head);
	const at = page.url();
	await page.getByRole('link', { name: 'Conflicts' }).click();
	const card = page.getByRole('article').filter({ hasText: 'Far Ford' }).first();
	await card.getByText(/affirmed and denied/).waitFor();
	await card.getByRole('link', { name: 'c:1.1' }).click();
	await page.getByRole('complementary', { name: 'Place c:1.1' }).getByText('Sir, Mill was never twinned with Far Ford.').waitFor();
	await page.goBack();
	await page.goBack();
	await page.getByRole('heading', { level: 1, name: 'Mill' }).waitFor();
	assert.equal(page.url(), at);
});

await journey('a view that is kept is drawn by the command with the bytes that the page saves', {}, async (page) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'shejire-views-'));
	const own = await serve('--builtin', '--write', '--token-file', tokenFile(), '--views', folder);
	await page.goto(`${own}/schema#token=a%20long%20token%20of%20tests`);
	await page.getByRole('button', { name: 'Keep' }).waitFor();
	const query = 'MATCH (a:institution {id: $who})-[r]->(b) RETURN a, r, b LIMIT 6';
	for (const [name, address, button] of [
		['lineage', '/lineage/national-kurultai?direction=backward&knownby=2026', 'link'],
		['near', '/graph?ids=constitutional-court', 'button'],
		['way', '/graph?ids=national-kurultai&to=constitutional-court', 'button'],
		['answer', `/query?q=${encodeURIComponent(query)}&p.who=constitutional-court&run=1&view=graph`, 'button'],
	]) {
		await page.goto(own + address);
		const svg = page.getByRole(button, { name: 'SVG', exact: true });
		await svg.waitFor();
		const [file] = await Promise.all([page.waitForEvent('download'), svg.click()]);
		await page.getByRole('button', { name: 'Keep' }).click();
		await page.getByLabel('Name of the file').fill(name);
		await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
		await page.getByRole('dialog').waitFor({ state: 'detached' });
		const drawn = execFileSync(program, ['view', name, '--views', folder, '--builtin', '--svg', '-']);
		assert.ok(drawn.equals(readFileSync(await file.path())), `${name} is drawn otherwise`);
	}
});

await keyboard(journey, {
	reforms,
	communes,
	towns,
	merger: (await (await fetch(`${communes}/api/v1/query`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: 'MATCH (a)-[r:`merged-into`]->(b) RETURN b.id ORDER BY r.date LIMIT 1' }) })).json()).rows[0][0],
	writing: (...how) => serve('--write', '--token-file', tokenFile(), ...how),
});

function tokenFile() {
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'shejire-token-')), 'token');
	writeFileSync(file, 'a long token of tests', { mode: 0o600 });
	return file;
}

// every page, as it is and as it is read aloud
const q = (query, view) => `/query?q=${encodeURIComponent(query)}&run=1${view ? `&view=${view}` : ''}`;
const edges = 'MATCH (a)-[r]->(b) RETURN a, r, b, support(r) AS documents LIMIT 12';
const writable = await serve('--db', path.join(mkdtempSync(path.join(tmpdir(), 'shejire-store-')), 'own.shejire'), '--write', '--token-file', tokenFile());
const pages = [
	[writable, '/annotate#token=a%20long%20token%20of%20tests'],
	[reforms, '/'], [reforms, '/find?q=court'], [reforms, '/find?q=zzzzqqq'], [reforms, '/e/constitutional-court'], [reforms, '/e/kazakhstan'], [reforms, '/s'],
	[reforms, '/s/003'], [reforms, '/conflicts'], [reforms, '/schema'], [reforms, '/lineage/national-kurultai'], [reforms, '/graph?ids=constitutional-court'],
	[reforms, q(edges)], [reforms, q(edges, 'graph')], [reforms, q(edges, 'json')], [reforms, q(`EXPLAIN ${edges}`, 'plan')], [reforms, q('MATCH (n RETURN n')], [reforms, '/query'],
	[reforms, '/e/nobody-at-all'], [reforms, '/help'], [communes, '/'],
	[towns, '/e/upper?open=0,1,2,3&at=a:2.1'], [towns, '/s/a?at=a:2.1'], [towns, '/lineage/mill?pick=l0'], [towns, '/lineage/mill?show=table'], [towns, '/e/mill?asof=2000&and=2002'], [towns, '/lineage/mill?asof=1990&and=2000'], [reforms, '/annotate'], [reforms, '/views'],
	[reforms, '/changes'], [communes, '/changes?of=editions&from=2017'], [communes, '/changes?of=crosswalk&from=2010&to=2024'], [communes, '/changes?from=2015&to=2016'], [reforms, `/graph?ids=constitutional-court&style=${encodeURIComponent('[[rule]]\nkind = "law"\ncolour = "#336633"')}`],
	[towns, '/e/mill?knownby=2000'],
];
const looks = [];
for (const [base, address] of pages) {
	for (const [scheme, width] of [['light', 1280], ['dark', 390], ['light', 320]]) {
		const name = { [reforms]: 'reforms', [communes]: 'communes', [towns]: 'towns', [writable]: 'own' }[base];
		looks.push(() => journey(`page ${name}${decodeURIComponent(address).slice(0, 60)} ${scheme} ${width}`, { colorScheme: scheme, viewport: { width, height: 800 } }, async (page) => {
			await page.goto(base + address, { waitUntil: 'networkidle' });
			await page.locator('h1').first().waitFor({ state: 'attached' });
			const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			assert.equal(over, 0, 'the page is wider than the window');
			await page.evaluate(axe);
			const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
			assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join('; ')}`), []);
		}));
	}
}
// several at a time: what they wait for is mostly the browser
await Promise.all([0, 1, 2].map(async () => {
	for (let look = looks.shift(); look; look = looks.shift()) await look();
}));

await browser.close();
stop();
console.log(`${count - failed} of ${count} hold`);
process.exit(failed ? 1 : 0);
