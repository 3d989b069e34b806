// The same journeys with no pointer at all: what is done here is pressed, and what is reached is reached by Tab.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Tab until what is called so has the focus. */
async function to(page, name, key = 'Tab') {
	const met = new Set();
	for (let n = 0; n < 250; n++) {
		await page.keyboard.press(key);
		const called = await page.evaluate(() => {
			let one = document.activeElement;
			while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
			if (!one || one === document.body) return '';
			const label = one.labels?.[0]?.textContent ?? '';
			return one.getAttribute('aria-label') || label.trim() || one.textContent?.trim() || '';
		});
		if (typeof name === 'string' ? called === name : name.test(called)) return;
		met.add(called.slice(0, 40));
	}
	assert.fail(`Tab does not reach ${name}, only ${[...met].join(" | ")}`);
}

async function press(page, ...keys) {
	for (const key of keys) await page.keyboard.press(key);
}

/** Into the field that has the focus, in the place of what is there. */
async function type(page, text, ...after) {
	await page.keyboard.press('Control+A');
	await page.keyboard.type(text);
	await press(page, ...after);
}

async function saved(page) {
	const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
	return readFileSync(await file.path(), 'utf8');
}

export async function keyboard(journey, { reforms, communes, towns, writing, merger }) {
	const alone = (name, walk) => journey(`by keyboard alone: ${name}`, {}, walk);

	await alone('a name in another script', async (page) => {
		await page.goto(reforms);
		await page.getByText('Questions that run').waitFor();
		await press(page, '/');
		await page.keyboard.type('құрыл');
		await page.getByRole('option', { name: /National Kurultai/ }).waitFor();
		await press(page, 'ArrowDown', 'Enter');
		await page.getByRole('heading', { level: 1, name: 'National Kurultai' }).waitFor();
	});

	await alone('a name of two words, on the page of searching', async (page) => {
		await page.goto(`${reforms}/find`);
		await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor();
		await press(page, '/');
		await page.keyboard.type('public trust', { delay: 30 });
		await page.getByRole('heading', { level: 1, name: 'public trust' }).waitFor();
		await to(page, 'National Council of Public Trust');
		await press(page, 'Enter');
		await page.getByRole('heading', { level: 1, name: 'National Council of Public Trust' }).waitFor();
	});

	await alone('a sentence and its neighbours', async (page) => {
		await page.goto(`${towns}/e/mill`);
		await page.getByRole('heading', { level: 1, name: 'Mill' }).waitFor();
		await to(page, 'a:2.1');
		await press(page, 'Enter');
		await page.getByText('Upper Mill and Lower Mill were joined on 1 January 1999.').waitFor();
		await to(page, /Sentence below/);
		await press(page, 'Enter');
		await page.getByRole('complementary', { name: 'Place a:2.2' }).waitFor();
		await press(page, 'Escape');
		await page.getByRole('complementary').waitFor({ state: 'detached' });
	});

	await alone('a dispute to what was ruled, to the conflict, and back', async (page) => {
		await page.goto(`${towns}/e/upper`);
		await page.getByText('in dispute').waitFor();
		await to(page, /Places of this fact: Mill/);
		await press(page, 'Enter');
		await page.getByRole('table').getByRole('row', { name: /1998/ }).waitFor();
		await press(page, 'g', 'c');
		await page.getByRole('heading', { level: 1, name: /disagree/ }).waitFor();
		await to(page, 'Mill');
		await press(page, 'Enter');
		await page.getByRole('heading', { level: 1, name: 'Mill' }).waitFor();
		await page.goBack(); // the key of the browser itself is not heard by a page without a window
		await page.waitForURL(/conflicts/);
	});

	await alone('a lineage act by act, and saved', async (page) => {
		await page.goto(`${towns}/e/mill`);
		await page.getByRole('link', { name: 'Lineage', exact: true }).waitFor();
		await press(page, 'l');
		await page.getByRole('application').waitFor();
		await to(page, /Lower Mill, merged into, Mill/);
		await press(page, 'Enter');
		await page.locator('.chosen').getByText('1 January 1999').waitFor();
		await press(page, 't');
		await page.getByRole('table').getByRole('row', { name: /Lower Mill/ }).waitFor();
		await to(page, 'CSV', 'Shift+Tab');
		assert.match(await saved(page), /Lower Mill/);
	});

	await alone('the timeline and its day', async (page) => {
		await page.goto(`${towns}/lineage/mill`);
		await page.getByRole('application').waitFor();
		await to(page, 'Lineage on a time axis');
		await press(page, '+');
		await page.waitForURL(/t=\d{4}-\d\d-\d\d\/\d{4}/);
		await press(page, '0');
		await page.waitForURL((url) => !url.search.includes('t='));
		await to(page, 'Dates at which something changes', 'Shift+Tab');
		await press(page, 'ArrowLeft');
		await page.waitForURL(/asof=\d{4}-\d\d-\d\d/);
	});

	await alone('as of a day', async (page) => {
		await page.goto(`${communes}/e/${merger}`);
		await page.getByRole('heading', { level: 1 }).waitFor();
		await to(page, 'Day of the world');
		await type(page, '1900', 'Enter');
		await page.getByText(/did not hold then/).waitFor();
		await to(page, 'Any time');
		await press(page, 'Enter');
		await page.waitForURL((url) => !url.search.includes('asof'));
	});

	await alone('known by 2000 against today, document by document', async (page) => {
		await page.goto(`${towns}/e/upper`);
		await page.getByText('in dispute').waitFor();
		await page.getByRole('heading', { name: 'Document by document' }).waitFor();
		await page.getByText('otherwise').first().waitFor();
		await to(page, 'Dates of the documents');
		await press(page, 'Home');
		await page.waitForURL(/knownby=1999-03-01/);
		await page.getByText('in dispute').waitFor({ state: 'detached' });
		await press(page, 'End');
		await page.waitForURL((url) => !url.search.includes('knownby'));
		await page.getByText('in dispute').waitFor();
	});

	await alone('a conflict, filtered', async (page) => {
		await page.goto(reforms);
		await page.getByText('Questions that run').waitFor();
		await press(page, 'g', 'c');
		await page.getByRole('article').first().waitFor();
		await to(page, /Filter by topic/);
		await type(page, 'court');
		await page.waitForURL(/filter=court/);
		await to(page, '000:32.1');
		await press(page, 'Enter');
		await page.getByRole('complementary', { name: 'Place 000:32.1' }).waitFor();
	});

	await alone('a query with a slip, mended', async (page) => {
		await page.goto(reforms);
		await page.getByText('Questions that run').waitFor();
		await press(page, 'g', 'q');
		await page.getByRole('textbox', { name: 'Query text' }).waitFor();
		await to(page, 'Query text');
		await page.keyboard.type('MATCH (a)-[r:`transformed-into`]->(b) RETRUN a, b', { delay: 5 });
		await page.locator('.cm-lintRange-error').first().waitFor();
		await press(page, 'Escape');
		await to(page, 'Query text', 'Shift+Tab').catch(() => to(page, 'Query text'));
		await press(page, 'Alt+Enter', 'Control+Enter');
		const row = page.getByRole('row', { name: /National Kurultai/ });
		await row.getByRole('link', { name: '001:22.1' }).waitFor();
		await press(page, 'Escape');
		await to(page, '001:22.1');
		await press(page, 'Enter');
		await page.getByRole('complementary', { name: 'Place 001:22.1' }).waitFor();
	});

	await alone('a doubtful name', async (page) => {
		await page.goto(`${reforms}/query?q=${encodeURIComponent('MATCH (n:institutio) RETURN n')}&run=1`);
		await page.getByText('the graph has no label `institutio`').first().waitFor();
		await to(page, /did you mean/);
		await press(page, 'Enter');
		await page.getByRole('row', { name: /Constitutional Court/ }).first().waitFor();
	});

	await alone('stop', async (page) => {
		await page.goto(`${reforms}/query`);
		await page.getByRole('textbox', { name: 'Query text' }).waitFor();
		await to(page, 'Query text');
		await page.keyboard.type('UNWIND range(1, 2000000000) AS x RETURN count(x)');
		await press(page, 'Control+Enter');
		await page.getByText('Running …').waitFor();
		await press(page, 'Escape');
		await page.getByText('Stopped.').waitFor({ timeout: 1000 });
	});

	await alone('parameters', async (page) => {
		await page.goto(`${reforms}/query?q=${encodeURIComponent('MATCH (n {id: $who}) RETURN n.name')}`);
		await page.getByLabel('$who').waitFor();
		await to(page, '$who');
		await type(page, 'national-kurultai');
		await to(page, 'Run');
		await press(page, 'Enter');
		await page.getByRole('row', { name: 'National Kurultai' }).waitFor();
	});

	await alone('an answer as a page of its own', async (page) => {
		await page.goto(`${reforms}/query?q=${encodeURIComponent('MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r, b')}&run=1`);
		await page.getByRole('row', { name: /National Kurultai/ }).waitFor();
		await to(page, 'HTML');
		const html = await saved(page);
		assert.match(html, /001:22\.1/);
		assert.match(html, /<svg/);
	});

	await alone('a document and its sentences', async (page) => {
		await page.goto(towns);
		await page.getByText('Questions that run').waitFor();
		await press(page, 'g', 'd');
		await to(page, 'The gazette of the district');
		await press(page, 'Enter');
		await page.getByRole('button', { name: /a:2\.1, 2 facts/ }).waitFor();
		await to(page, /a:2\.1, 2 facts/);
		await press(page, 'Enter');
		await page.getByRole('complementary').getByText('Stated here').waitFor();
	});

	await alone('neighbours hidden, moved and put back', async (page) => {
		await page.goto(`${reforms}/graph?ids=constitutional-court`);
		const nodes = page.locator('g.node');
		await nodes.first().waitFor();
		await to(page, /Rule of law, concept/);
		await press(page, 'Shift+ArrowRight', 'Shift+ArrowRight');
		await page.waitForURL(/pin=/);
		await to(page, 'Put back', 'Shift+Tab');
		await press(page, 'Enter');
		await page.waitForURL((url) => !url.search.includes('pin='));
		const before = await nodes.count();
		await to(page, /Rule of law, concept/);
		await press(page, 'Delete');
		await page.waitForFunction((before) => document.querySelectorAll('g.node').length === before - 1, before);
		await to(page, 'Undo', 'Shift+Tab');
		await press(page, 'Enter');
		await page.waitForFunction((before) => document.querySelectorAll('g.node').length === before, before);
	});

	await alone('a style', async (page) => {
		await page.goto(`${reforms}/graph?ids=constitutional-court`);
		await page.locator('g.node').first().waitFor();
		await to(page, 'Style');
		await press(page, 'Enter');
		await to(page, /lines of a style file/);
		await type(page, '[[rule]]\nkind = "institution"\ncolour = "#aa2211"\n');
		await to(page, 'Apply');
		await press(page, 'Enter');
		await page.locator('g.node rect[stroke="#aa2211"]').first().waitFor();
	});

	await alone('how two are related', async (page) => {
		await page.goto(`${reforms}/graph?ids=national-kurultai`);
		await page.getByRole('combobox', { name: /How is it related to/ }).waitFor();
		await to(page, /How is it related to/);
		await page.keyboard.type('Constitutional Court');
		await page.getByRole('option', { name: /^Constitutional Court/ }).first().waitFor();
		await press(page, 'ArrowDown', 'Enter');
		await page.waitForURL(/to=constitutional-court/);
		await page.getByRole('button', { name: 'Constitutional Court, institution' }).waitFor();
	});

	await alone('two days compared', async (page) => {
		await page.goto(`${towns}/e/mill`);
		await page.getByRole('heading', { level: 1, name: 'Mill' }).waitFor();
		await to(page, 'Day of the world');
		await type(page, '2000', 'Enter');
		await page.waitForURL(/asof=2000/);
		await to(page, 'Second day');
		await type(page, '2002-06-01', 'Enter');
		await page.locator('section[aria-labelledby="between"]').getByText('Far Ford').waitFor();
	});

	await alone('two editions of a register, and what each became', async (page) => {
		await page.goto(communes);
		await page.getByText('Questions that run').waitFor();
		await press(page, 'g', 'v');
		await page.getByRole('heading', { level: 1, name: 'What changed' }).waitFor();
		await to(page, 'two editions');
		await press(page, 'Enter');
		await to(page, /From/);
		await type(page, '2017', 'Enter');
		await page.getByRole('table').getByRole('row').nth(1).waitFor();
		await to(page, 'crosswalk', 'Shift+Tab');
		await press(page, 'Enter');
		await to(page, /^to/);
		await type(page, '2024', 'Enter');
		await page.getByRole('row', { name: /merged/ }).first().waitFor();
	});

	await alone('a view kept, opened and forgotten', async (page) => {
		const folder = mkdtempSync(path.join(tmpdir(), 'shejire-views-'));
		const own = await writing('--builtin', '--views', folder);
		await page.goto(`${own}/conflicts#token=a%20long%20token%20of%20tests`);
		await page.getByRole('article').first().waitFor();
		await to(page, 'Keep');
		await press(page, 'Enter');
		await to(page, 'Name of the file');
		await type(page, 'courts', 'Enter');
		await page.getByRole('dialog').waitFor({ state: 'detached' });
		await to(page, 'Views');
		await press(page, 'Enter');
		await page.waitForURL(/\/views/);
		await page.getByRole('button', { name: 'Forget' }).waitFor();
		await to(page, 'Forget');
		await press(page, 'Enter');
		await page.getByText(/Nothing is kept yet/).waitFor();
	});

	await alone('a text into a cited fact', async (page) => {
		const file = path.join(mkdtempSync(path.join(tmpdir(), 'shejire-store-')), 'own.shejire');
		const own = await writing('--db', file);
		await page.goto(`${own}/annotate#token=a%20long%20token%20of%20tests`);
		await page.getByLabel('Id of the document').waitFor();
		await to(page, 'Id of the document');
		await type(page, 'gazette');
		await to(page, 'Text');
		await page.keyboard.type('Upper Mill was joined to Mill. Mill lies on the Ford.');
		await to(page, 'Find its sentences');
		await press(page, 'Enter');
		await page.getByRole('button', { name: /^1\.1:/ }).waitFor();
		await to(page, /^1\.1:/);
		await press(page, 'Enter');
		await to(page, 'Subject');
		await type(page, 'Upper Mill');
		await page.waitForTimeout(300);
		await to(page, 'Kind');
		await type(page, 'town');
		await to(page, 'Relation');
		await type(page, 'joined-to');
		await to(page, 'Object');
		await type(page, 'Mill');
		await page.waitForTimeout(300);
		await to(page, 'Kind');
		await type(page, 'town');
		await to(page, 'Write it');
		await press(page, 'Enter');
		await page.getByRole('button', { name: 'Take back' }).waitFor();
		await to(page, 'Upper Mill joined to Mill');
		await press(page, 'Enter');
		await page.getByRole('complementary', { name: 'Place gazette:1.1' }).waitFor();
	});

	await alone('the token', async (page) => {
		const own = await writing('--builtin');
		await page.goto(own);
		await page.getByLabel('Token').waitFor();
		await to(page, 'Token');
		await type(page, 'a long token of tests', 'Enter');
		await page.getByText('Questions that run').waitFor();
	});
}
