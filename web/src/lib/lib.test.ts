import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fits, idFor, lacking, same, statement } from './annotate';
import { address } from './api';
import { askedDay, dateWords, dayAfter, dayNumber, isAskable, isoDay, plain } from './dates';
import { changed, disputed, grouped, isDate, relationWords, spelt, split, stated, stops } from './facts';
import { escaped, offline, SCRIPT, SCRIPT_HASH } from './offline';
import { days, papers } from './papers';
import { edge, line, readPins, writePins } from './pins';
import { csv, fix, fromBytes, isGraph, parameter, parameters, sortable, text, toBytes } from './query';
import { at, dayAt, moved, span, spanText, ticks, zoomed } from './scale';
import { compare, nextSort, sortedBy } from './table';
import { fill, messages } from './words.svelte';
import type { Entity, Fact, Place, Source, Who } from './types';

describe('languages', () => {
	const keys = Object.keys(messages.en).sort();
	const names = (message: unknown) => [...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map((found) => found[1]);

	it.each(['kk', 'ru'] as const)('%s has every text, with the same things to fill in', (language) => {
		expect(Object.keys(messages[language]).sort()).toEqual(keys);
		for (const key of keys as (keyof typeof messages.en)[]) {
			const own = messages[language][key];
			expect([...new Set(names(own))].sort(), key).toEqual([...new Set(names(messages.en[key]))].sort());
			expect(JSON.stringify(own).length, key).toBeGreaterThan(2);
			// what counts has every form that the language needs
			if (typeof messages.en[key] === 'object') {
				const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
				expect(Object.keys(own).sort(), key).toEqual(needed.sort());
			}
		}
	});

	it('says nothing that no page says', () => {
		const sources = import.meta.glob(['../**/*.svelte', './*.ts', '!./*.test.ts'], { query: '?raw', import: 'default', eager: true }) as Record<string, string>;
		const all = Object.values(sources).join('\n');
		const begun = [...all.matchAll(/`([a-z._]+\.)\$\{/g)].map((found) => found[1] as string);
		expect(keys.filter((key) => !all.includes(`'${key}'`) && !begun.some((start) => key.startsWith(start)))).toEqual([]);
	});

	it('counts as each language does', () => {
		const n = (language: 'ru' | 'kk' | 'en', n: number) => fill(messages[language]['n.documents'], language, { n });
		expect([1, 2, 5, 21].map((x) => n('ru', x))).toEqual(['1 документ', '2 документа', '5 документов', '21 документ']);
		expect([1, 2].map((x) => n('en', x))).toEqual(['1 document', '2 documents']);
		expect(n('kk', 3)).toBe('3 құжат');
	});
});

describe('dates', () => {
	it('are put into words where they are plain, and left to the server where they are not', () => {
		expect(plain('2022-06-14', 'en')).toBe('14 June 2022');
		expect(plain('2022-06-14', 'ru')).toBe('14 июня 2022');
		expect(plain('2022-06', 'kk')).toContain('2022');
		expect(plain('2022', 'en')).toBe('2022');
		for (const more of ['../1943', '2022~', '[2011,2012]', '-0043', '195X', 'soon', '']) expect(plain(more, 'en'), more).toBeUndefined();
		expect(dateWords('../1943', 'en', '1943 or earlier')).toBe('1943 or earlier');
		expect(dateWords('soon', 'en')).toBe('soon');
	});

	it('go to days and back', () => {
		for (const day of ['1970-01-01', '2024-02-29', '0044-03-15', '1582-10-15', '9998-12-31']) expect(isoDay(dayNumber(day) as number)).toBe(day);
		expect([askedDay('2024-02'), askedDay('2023'), askedDay('2024-02-03'), askedDay('x')].map((day) => day && isoDay(day))).toEqual(['2024-02-29', '2023-12-31', '2024-02-03', undefined]);
		expect(dayAfter('2023-12-31')).toBe('2024-01-01');
		expect([isAskable('2023-02-29'), isAskable('2024-02-29'), isAskable('2022-13'), isAskable('2022'), isAskable('x')]).toEqual([false, true, false, true, false]);
	});
});

const who = (id: string, kind = 'body'): Who => ({ element_id: id, id, name: id.toUpperCase(), kind });
const fact = (start: string, kind: string, end: string, evidence: Place[], span: Fact['span'] = [null, null]): Fact => ({
	element_id: `${start}${kind}${end}`, kind, start: who(start), end: who(end), support: evidence.length, witnesses: 1, evidence, span,
});
const says = (citation: string, states: Record<string, string[]>, more: Partial<Place> = {}): Place => ({
	citation, source: split(citation)[0], title: '', states, words: Object.fromEntries(Object.entries(states).filter(([key]) => key === 'date').flatMap(([, all]) => all.map((one) => [one, one]))), ...more,
});

describe('facts', () => {
	it('show each date with the places that state it, and with no other', () => {
		const one = fact('a', 'merged-into', 'b', [says('1:1', { date: ['2011'] }), says('2:1', { date: ['2012'] }), says('3:1', {}), says('4:1', { date: ['2013'] }, { mode: 'denies' }), says('5:1', { date: ['2011'] })]);
		expect(stated(one, isDate).map(({ text, places }) => [text, places.map((place) => place.citation)])).toEqual([['2011', ['1:1', '5:1']], ['2012', ['2:1']]]);
		expect(disputed(one)).toEqual(['date']);
	});

	it('are grouped by relation and side, descent first', () => {
		const facts = [fact('a', 'has', 'x', []), fact('b', 'merged-into', 'a', []), fact('a', 'has', 'y', [])];
		const entity = { ...who('a'), facts: { total: 3, returned: 3, truncated: false, items: facts }, relations: { 'merged-into': { definition: '', inverse: '', wording: { forward: 'merged into', backward: 'took in' }, lineage: true, domain: [], range: [] } } } as unknown as Entity;
		const groups = grouped(entity);
		expect(groups.map(({ key, facts }) => [key, facts.length])).toEqual([['<merged-into', 1], ['>has', 2]]);
		expect(relationWords('merged-into', false, entity.relations['merged-into'], 'en')).toBe('took in');
		expect([spelt('re-established'), spelt('transformed-into'), spelt('co-operates-with')]).toEqual(['re-established', 'transformed into', 'co-operates with']);
	});

	it('differ between two days where they hold otherwise', () => {
		const on = (held: (boolean | null)[]) => ({ facts: { items: held.map((holds, n) => ({ ...fact('a', 'r', String(n), []), holds })) } }) as unknown as Entity;
		const found = changed(on([true, false, null, true]), on([true, true, false, true]));
		expect(found.map(({ fact, before, after }) => [fact.end.id, before, after])).toEqual([['1', false, true], ['2', null, false]]);
	});

	it('change on the days on which something begins, and the day after it ends', () => {
		expect(stops([fact('a', 'r', 'b', [], ['2000-01-01', '2009-12-31']), fact('a', 'r', 'c', [], [null, null])])).toEqual(['2000-01-01', '2010-01-01']);
	});

	it('split a place into document and locator', () => {
		expect([split('003:11.8-9'), split('a:b:2'), split('x')]).toEqual([['003', '11.8-9'], ['a:b', '2'], ['x', '']]);
	});
});

describe('queries', () => {
	it('know their parameters, and not what looks like one in a text or a comment', () => {
		expect(parameters("MATCH (n {a: $one}) // $two\nWHERE n.b = '$three' AND n.c > $four /* $five */ RETURN $one")).toEqual(['one', 'four']);
		expect([parameter('5'), parameter('"5"'), parameter('Ankara'), parameter('[1]')]).toEqual([5, '5', 'Ankara', [1]]);
	});

	it('are mended by what a hint offers', () => {
		expect(fix('did you mean RETURN?', 'RETRUN')).toBe('RETURN');
		expect(fix('did you mean `name`?', 'nam')).toBe('name');
		expect(fix('did you mean `transformed-into`?', 'x')).toBe('`transformed-into`');
		expect(fix('did you mean `law`?', '`lwa`')).toBe('`law`');
		expect([fix('write LIMIT', 'x'), fix(null, 'x')]).toEqual([undefined, undefined]);
	});

	it('have places in bytes and in characters', () => {
		const query = 'құрылтай 𝄞 a';
		const bytes = new TextEncoder().encode(query).length;
		for (let at = 0; at <= query.length; at++) {
			if (at > 0 && query.codePointAt(at - 1)! > 0xffff) continue; // within a character
			expect(fromBytes(query)(toBytes(query, at))).toBe(at);
		}
		expect(fromBytes(query)(bytes + 5)).toBe(query.length);
	});

	it('answer in values that are shown, sorted and saved', () => {
		const node = { $node: { id: 7, labels: ['a'], props: { name: 'A, "b"' } } };
		expect([text(node), text(null), text([1, node]), text({ $map: { x: { $temporal: '2022' } } })]).toEqual(['A, "b"', '', '[1,"A, \\"b\\""]', '{"x":"2022"}']);
		expect(csv(['n', 'x'], [[node, 1]], [['003:1', '004:2']])).toBe('n,x,citations\r\n"A, ""b""",1,003:1 004:2\r\n');
		expect([isGraph([[1]]), isGraph([[[node]]])]).toEqual([false, true]);
		expect(sortable(3)).toBe(3);
	});
});

describe('annotating', () => {
	const paper = { id: ' n1 ', title: 'News', group: '', date: '2001' };
	const known = { known: 'x', name: 'X', kind: 'town' };
	const base = { subject: known, relation: 'merged-into', object: { id: 'y', name: 'Y', kind: 'new `town`' }, at: '2.1', fingerprint: '00ff', wording: '', date: '', mode: '' as const, confidence: ['E'] };

	it('says what is missing', () => {
		expect(lacking(base, paper)).toEqual([]);
		expect(lacking({ ...base, at: '', relation: ' '.trim(), object: { text: ' ' } }, { ...paper, id: '' })).toEqual(['annotate.need.paper', 'annotate.need.sentence', 'annotate.need.relation', 'annotate.need.object']);
		expect(lacking({ ...base, wording: 'a b c d e f g h i j k l m' }, paper)).toEqual(['annotate.need.wording']);
		expect(lacking({ ...base, subject: { id: '', name: 'X', kind: '' } }, paper)).toEqual(['annotate.need.subject', 'annotate.need.kind']);
	});

	it('writes source, ends, fact and mention in one statement, and what a reader typed only as parameters', () => {
		const evil = "x' DETACH DELETE n //";
		const { query, params } = statement({ ...base, object: { id: evil, name: evil, kind: 'to`wn' }, relation: 're`l', wording: ' joined ', date: '2001-02' }, paper);
		expect(query).not.toContain('DELETE');
		expect(query).toContain('SET b:`to``wn`');
		expect(query).toContain('[r:`re``l`]');
		expect(params).toEqual({ paper: { id: 'n1', title: 'News', date: '2001' }, a: { id: 'x' }, b: { id: evil, name: evil, kind: 'to`wn' }, mention: { locator: 'n1:2.1', fingerprint: '00ff', wording: 'joined', date: '2001-02', confidence: 'E' } });
		expect(statement({ ...base, object: { date: '2001' } }, paper).query).toContain('(b:Literal:Date {value: $b.value})');
	});

	it('knows the facts that say the same, and what a relation may join', () => {
		const facts = [fact('x', 'merged-into', 'y', []), fact('x', 'merged-into', 'z', []), fact('y', 'merged-into', 'x', [])];
		expect(same(base, facts)).toEqual([facts[0]]);
		const relation = { definition: '', inverse: '', wording: {}, lineage: true, domain: ['town'], range: ['any'] };
		expect([fits(relation, 'town', 'law'), fits(relation, 'law', 'law'), fits(relation, '', ''), fits(null, 'a', 'b')]).toEqual([true, false, true, true]);
		expect([idFor('Құрылтай (2022)!'), idFor('  ')]).toEqual(['құрылтай-2022', '']);
	});
});

describe('tables', () => {
	it('are sorted up, down, and as they were; what is empty comes last', () => {
		const rows = [{ a: 2 }, { a: null }, { a: 10 }, { a: 1 }];
		const sorted = (sort: string) => sortedBy(rows, sort, (row, key) => row[key as 'a']).map((row) => row.a);
		expect([sorted('a'), sorted('-a'), sorted('')]).toEqual([[1, 2, 10, null], [10, 2, 1, null], [2, null, 10, 1]]);
		expect([nextSort('', 'a'), nextSort('a', 'a'), nextSort('-a', 'a')]).toEqual(['a', '-a', '']);
		expect(compare('item 10', 'item 9')).toBeGreaterThan(0);
	});
});

describe('the time axis', () => {
	const scale = { from: 0, to: 36_525, left: 10, right: 1010 };

	it('goes to places and back, and stays within what there is', () => {
		for (const day of [0, 1, 18_000, 36_525]) expect(dayAt(scale, at(scale, day))).toBeCloseTo(day, 6);
		const whole = { from: 0, to: 1000 };
		for (const by of [0.1, 0.5, 1, 2, 50]) {
			const next = zoomed({ from: 200, to: 700 }, whole, by, 300);
			expect(next.from).toBeGreaterThanOrEqual(0);
			expect(next.to).toBeLessThanOrEqual(1000);
			expect(next.to - next.from).toBeGreaterThanOrEqual(30 - 1e-9);
		}
		expect(moved({ from: 900, to: 1000 }, whole, 500)).toEqual({ from: 900, to: 1000 });
		expect(span(spanText({ from: 10, to: 500 }))).toEqual({ from: 10, to: 500 });
		expect([span(''), span('x/y'), span('2020-01-01/2019-01-01')]).toEqual([undefined, undefined, undefined]);
	});

	it('has marks that are not closer than they are wide, at every scale', () => {
		for (const days of [40, 200, 800, 4000, 40_000, 400_000]) {
			const near = { from: 10_000, to: 10_000 + days, left: 0, right: 900 };
			const marks = ticks(near, 60, 'en');
			expect(marks.length, `${days} days`).toBeGreaterThan(1);
			const places = marks.map(({ day }) => at(near, day));
			for (let n = 1; n < places.length; n++) expect(places[n]! - places[n - 1]!, `${days} days`).toBeGreaterThan(25);
		}
	});
});

it('one question has one address', () => {
	expect(address('find', { q: 'a b', limit: 5, kind: '', prefix: undefined, all: true })).toBe('/api/v1/find?q=a+b&limit=5&all=1');
	expect(address('info')).toBe('/api/v1/info');
});

describe('documents, one after the other', () => {
	const source = (id: string, date: string): Source => ({ id, title: id, group: id, date, date_words: date, derives_from: [], entity: null });
	const all = [source('late', '2005'), source('none', ''), source('early', '1999-03-01'), source('middle', '2004')];

	it('say what each adds, repeats, corrects and denies', () => {
		const merged = fact('a', 'merged-into', 'b', [says('late:1', { date: ['1998'] }), says('early:1', { date: ['1999'] }), says('middle:1', { date: ['1999'] })]);
		const twinned = fact('a', 'twinned-with', 'c', [says('middle:2', {}), says('none:1', {}, { mode: 'denies' })]);
		const told = papers({ facts: { items: [merged, twinned] } } as unknown as Entity, all);
		expect(told.map(({ source, added, again, otherwise, denied }) => [source.id, added.length, again.length, otherwise.length, denied.length])).toEqual([
			['early', 1, 0, 0, 0],
			['middle', 1, 1, 0, 0],
			['late', 0, 1, 1, 0],
			['none', 0, 0, 0, 1],
		]);
		expect(told[2]?.otherwise[0]).toMatchObject({ key: 'date', before: [{ text: '1999' }], now: { text: '1998' } });
	});

	it('have days that can be asked about, each once', () => {
		expect(days([...all, source('x', '2004'), source('y', '[2001,2002]')], isAskable)).toEqual(['1999-03-01', '2004', '2005']);
	});
});

describe('a page of its own', () => {
	const of = { title: 'A <b>', language: 'kk', query: 'RETURN "<script>"', given: [['$who', '<i>']] as [string, string][], columns: ['a'], rows: [['<img src=x>'], ['&']], documents: [{ id: '1', title: '<u>', date: '' }], picture: '<svg></svg>', words: { filter: 'f', rows: 'r', documents: 'd', query: 'q' } };

	it('lets its one script run and shows nothing as markup', () => {
		expect(createHash('sha256').update(SCRIPT).digest('base64')).toBe(SCRIPT_HASH);
		const page = offline(of);
		expect(page).toBe(offline(of));
		for (const never of ['<b>', '<i>', '<img', '<u>', '"<script>']) expect(page).not.toContain(never);
		expect(page.match(/<script>/g)).toHaveLength(1);
		expect(page).toContain(`script-src 'sha256-${SCRIPT_HASH}'`);
		expect(escaped(`<&>"'`)).toBe('&lt;&amp;&gt;&quot;&#39;');
	});
});

describe('pins', () => {
	it('are read as they are written, and what is none is passed over', () => {
		const pins = readPins('12:340:-80,x,7:1:,8:a:1,9:1.6:2');
		expect([...pins]).toEqual([['12', [340, -80]], ['9', [1.6, 2]]]);
		expect(writePins(pins)).toBe('12:340:-80,9:2:2');
		expect(readPins('').size).toBe(0);
	});

	it('join boxes from edge to edge', () => {
		expect(edge([0, 0, 20, 10], [100, 5])).toEqual([20, 5]);
		expect(edge([0, 0, 20, 10], [10, 5])).toEqual([10, 5]);
		expect(line([0, 0, 20, 10], [0, 100, 20, 10])).toEqual([[10, 10], [10, 100]]);
	});
});
