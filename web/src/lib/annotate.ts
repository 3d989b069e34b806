/** Facts that a reader takes from a text: what is stated, and the one statement that writes it. */

import type { Fact, Relation } from './types';

/** One end of a fact: somebody who is known, somebody new, or a value. */
export type Someone = { known: string; name: string; kind: string } | { id: string; name: string; kind: string } | { text: string } | { date: string };

export interface Paper {
	id: string;
	title: string;
	group: string;
	date: string;
}

export interface Stated {
	subject: Someone;
	relation: string;
	object: Someone;
	at: string;
	fingerprint: string;
	wording: string;
	date: string;
	mode: '' | 'hedges' | 'reports' | 'denies';
	confidence: string[];
}

export const CODES = ['E', 'A', 'R', 'X', 'I', 'V', 'M'] as const;
/** A wording is evidence that the reader was there, and no copy of the text. */
export const MOST_WORDS = 12;

export const kindOf = (one: Someone): string => ('kind' in one ? one.kind : 'text' in one ? 'text' : 'date');
export const nameOf = (one: Someone): string => ('name' in one ? one.name : 'text' in one ? one.text : one.date);
export const idOf = (one: Someone): string => ('known' in one ? one.known : 'id' in one ? one.id : '');

/** A name as an id: small letters of any script, digits and hyphens. */
export function idFor(name: string): string {
	return name
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '-')
		.replace(/^-+|-+$/g, '');
}

export function isName(text: string): boolean {
	return text.trim().length > 0;
}

/** Whether a relation may join these kinds, as the dataset declares it; anything may where it declares nothing. */
export function fits(relation: Relation | null | undefined, from: string, to: string): boolean {
	const may = (kinds: string[], kind: string) => !kinds.length || !kind || kinds.includes('any') || kinds.includes(kind);
	return !relation || (may(relation.domain, from) && may(relation.range, to));
}

/** What is still missing or too much, as keys of texts. */
export function lacking(stated: Stated, paper: Paper): ('annotate.need.paper' | 'annotate.need.subject' | 'annotate.need.relation' | 'annotate.need.object' | 'annotate.need.sentence' | 'annotate.need.wording' | 'annotate.need.kind')[] {
	const all: ReturnType<typeof lacking> = [];
	if (!paper.id.trim()) all.push('annotate.need.paper');
	if (!stated.at) all.push('annotate.need.sentence');
	if (!isName(nameOf(stated.subject)) || !idOf(stated.subject)) all.push('annotate.need.subject');
	if (!stated.relation) all.push('annotate.need.relation');
	if (!isName(nameOf(stated.object)) || ('id' in stated.object && !stated.object.id)) all.push('annotate.need.object');
	if ([stated.subject, stated.object].some((one) => 'id' in one && isName(one.name) && !isName(one.kind))) all.push('annotate.need.kind');
	if (stated.wording.trim().split(/\s+/).length > MOST_WORDS) all.push('annotate.need.wording');
	return all;
}

const ticked = (name: string) => `\`${name.replaceAll('`', '``')}\``;

/** How one end is found or made, under a name in the statement. */
function end(variable: string, one: Someone): string {
	if ('known' in one) return `MATCH (${variable}) WHERE ${variable}.id = $${variable}.id`;
	if ('id' in one) return `MERGE (${variable}:Entity {id: $${variable}.id}) ON CREATE SET ${variable}.name = $${variable}.name, ${variable}.kind = $${variable}.kind SET ${variable}:${ticked(one.kind.trim())}`;
	const label = 'text' in one ? 'Text' : 'Date';
	return `MERGE (${variable}:Literal:${label} {value: $${variable}.value}) ON CREATE SET ${variable}.name = $${variable}.value${label === 'Date' ? `, ${variable}.edtf = $${variable}.value` : ''}`;
}

const given = (one: Someone): Record<string, string> =>
	'known' in one ? { id: one.known } : 'id' in one ? { id: one.id, name: one.name.trim(), kind: one.kind.trim() } : { value: 'text' in one ? one.text.trim() : one.date.trim() };

export interface Statement {
	query: string;
	params: Record<string, unknown>;
}

/** The statement that says it: source, ends, relationship and mention in one, so that all of it is written or nothing. */
export function statement(stated: Stated, paper: Paper): Statement {
	const particulars = Object.fromEntries(Object.entries(paper).map(([key, value]) => [key, value.trim()]).filter(([, value]) => value));
	const mention: Record<string, unknown> = { locator: `${paper.id.trim()}:${stated.at}`, fingerprint: stated.fingerprint };
	if (stated.wording.trim()) mention['wording'] = stated.wording.trim();
	if (stated.date.trim()) mention['date'] = stated.date.trim();
	if (stated.mode) mention['mode'] = stated.mode;
	if (stated.confidence.length) mention['confidence'] = stated.confidence.join(' ');
	const query = [
		end('a', stated.subject),
		'WITH *',
		end('b', stated.object),
		`MERGE (a)-[r:${ticked(stated.relation)}]->(b)`,
		'WITH a, r CALL source.put($paper)',
		'WITH a, r CALL evidence.add(r, $mention)',
		'RETURN a.id AS id, elementId(r) AS fact',
	];
	return { query: query.join('\n'), params: { paper: particulars, a: given(stated.subject), b: given(stated.object), mention } };
}

/** The statement that takes one mention back, and the relationship where nothing else states it. */
export function withdrawn(fact: string, locator: string): Statement {
	return { query: 'MATCH ()-[r]->() WHERE elementId(r) = $fact\nCALL evidence.remove(r, {locator: $locator})\nRETURN count(*) AS removed', params: { fact, locator } };
}

export function emptied(fact: string): Statement {
	return { query: 'MATCH ()-[r]->() WHERE elementId(r) = $fact AND size(evidence(r)) = 0\nDELETE r', params: { fact } };
}

/** The facts that say the same already: another place for these is support, and no new fact. */
export function same(stated: Stated, facts: Fact[]): Fact[] {
	const object = idOf(stated.object);
	return facts.filter((fact) => fact.kind === stated.relation && fact.start.id === idOf(stated.subject) && (object ? fact.end.id === object : fact.end.name === nameOf(stated.object)));
}
