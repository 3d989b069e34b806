import type { Entity, Fact, Place, Relation, Stretch, Who } from './types';
import { dayAfter } from './dates';

/** Facts of one relation that have the entity on one side. */
export interface Group {
	key: string;
	kind: string;
	/** Whether the entity is the subject. */
	out: boolean;
	facts: Fact[];
}

export function isSame(a: Who, b: Who): boolean {
	return a.element_id === b.element_id;
}

/** The other end of a fact. */
export function other(fact: Fact, of: Who): Who {
	return isSame(fact.start, of) ? fact.end : fact.start;
}

/** By relation and side: what the entity does first, then what is done to it; each in the order of its best supported fact. */
export function grouped(entity: Entity): Group[] {
	const groups = new Map<string, Group>();
	for (const fact of entity.facts.items) {
		const out = isSame(fact.start, entity);
		const key = `${out ? '>' : '<'}${fact.kind}`;
		const group = groups.get(key) ?? { key, kind: fact.kind, out, facts: [] };
		group.facts.push(fact);
		groups.set(key, group);
	}
	const all = [...groups.values()];
	const lineage = (group: Group) => Number(entity.relations[group.kind]?.lineage ?? false);
	return all.sort((a, b) => lineage(b) - lineage(a) || Number(b.out) - Number(a.out) || support(b) - support(a) || a.kind.localeCompare(b.kind));
}

function support(group: Group): number {
	return Math.max(...group.facts.map((fact) => fact.support));
}

/** A type in words: hyphens join words, but for those that belong to a word (`re-established`). */
export function spelt(kind: string): string {
	return kind.replace(/(?<!(?:^|-)(?:re|co|non|pre|ex))[-_]/g, ' ');
}

/** A relation in words, as it reads from that side and in that language. */
export function relationWords(kind: string, out: boolean, relation: Relation | undefined, language: string): string {
	const side = out ? 'forward' : 'backward';
	const said = relation?.wording[`${side}_${language}`] ?? (language === 'en' ? relation?.wording[side] : undefined) ?? relation?.wording[side];
	if (said) return said;
	if (!out && relation?.inverse) return spelt(relation.inverse);
	return spelt(kind);
}

/** Dates that the places of a fact state, each with its places: never merged. */
export interface Stated {
	key: string;
	text: string;
	words: string | undefined;
	places: Place[];
}

/** Values that the places of a fact state under the keys that `wanted` chooses; what is denied is stated by nobody. */
export function stated(fact: Fact, wanted: (key: string, place: Place) => boolean): Stated[] {
	const all = new Map<string, Stated>();
	for (const place of fact.evidence) {
		if (place.mode === 'denies' || place.either) continue;
		for (const [key, texts] of Object.entries(place.states ?? {})) {
			if (!wanted(key, place)) continue;
			for (const text of texts) {
				const of = `${key}\u0000${text}`;
				const one = all.get(of) ?? { key, text, words: place.words?.[text], places: [] };
				one.places.push(place);
				all.set(of, one);
			}
		}
	}
	// as things happen, whatever the order of the keys
	const order = ['start', 'end'];
	return [...all.values()].sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
}

export const isDate = (key: string, place: Place) => Boolean(place.words && (place.states?.[key] ?? []).every((text) => place.words?.[text] !== undefined));

/** The keys under which the places of a fact state different values of a kind that has one. */
export function disputed(fact: Fact): string[] {
	const dates = stated(fact, isDate);
	const keys = new Map<string, number>();
	for (const one of dates) keys.set(one.key, (keys.get(one.key) ?? 0) + 1);
	return [...keys].filter(([, n]) => n > 1).map(([key]) => key);
}

/** The days at which something changes among facts: on which one may begin, and the day after one may last have held. */
export function stops(facts: Fact[], lives: Stretch[] = []): string[] {
	const days = new Set<string>();
	const add = (day: string | null | undefined) => {
		if (day && /^\d{4}-\d{2}-\d{2}$/.test(day) && !day.startsWith('9999')) days.add(day);
	};
	for (const { span } of facts) {
		add(span[0]);
		add(span[1] && dayAfter(span[1]));
	}
	for (const { start, end } of lives) {
		add(start.text);
		add(end.text && dayAfter(end.text));
	}
	return [...days].sort();
}

/** The facts that hold otherwise on one day than on another. */
export function changed(first: Entity, second: Entity): { fact: Fact; before: boolean | null; after: boolean | null }[] {
	const then = new Map(second.facts.items.map((fact) => [fact.element_id, fact.holds ?? null]));
	const all = first.facts.items.map((fact) => ({ fact, before: fact.holds ?? null, after: then.get(fact.element_id) ?? null }));
	return all.filter(({ before, after }) => before !== after);
}

/** `003:11.8` as the document and the place in it. */
export function split(citation: string): [string, string] {
	const at = citation.lastIndexOf(':');
	return at < 0 ? [citation, ''] : [citation.slice(0, at), citation.slice(at + 1)];
}
