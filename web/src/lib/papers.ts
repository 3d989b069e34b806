import { isDate } from './facts';
import type { Entity, Fact, Place, Source } from './types';

/** A value that a document states otherwise than those before it. */
export interface Otherwise {
	fact: Fact;
	key: string;
	before: { text: string; words: string | undefined }[];
	now: { text: string; words: string | undefined };
	place: Place;
}

/** What one document brings to what those before it say of an entity. */
export interface Paper {
	source: Source;
	/** Facts that no document before it states, each with its place here. */
	added: { fact: Fact; place: Place }[];
	/** Facts that are stated again. */
	again: { fact: Fact; place: Place }[];
	otherwise: Otherwise[];
	denied: { fact: Fact; place: Place }[];
}

/** The dates by which documents are in order: what is undated comes last. */
export function inOrder<T extends { id: string; date: string }>(sources: readonly T[]): T[] {
	return [...sources].sort((a, b) => Number(!a.date) - Number(!b.date) || a.date.localeCompare(b.date) || a.id.localeCompare(b.id));
}

/** The days of the documents, each once and in order, as far as they can be asked about. */
export function days(sources: readonly { date: string }[], isAskable: (text: string) => boolean): string[] {
	return [...new Set(sources.map((source) => source.date).filter((date) => date && isAskable(date)))].sort();
}

/** Document by document, the oldest first: what each adds, confirms, states otherwise and denies. */
export function papers(entity: Entity, sources: readonly Source[]): Paper[] {
	/** What is stated so far of a fact: by key, each value with its words. */
	const known = new Map<string, Map<string, Map<string, string | undefined>>>();
	const all: Paper[] = [];
	for (const source of inOrder(sources)) {
		const paper: Paper = { source, added: [], again: [], otherwise: [], denied: [] };
		for (const fact of entity.facts.items) {
			const here = fact.evidence.filter((place) => place.source === source.id && !place.either);
			const place = here.find((place) => place.mode !== 'denies');
			const denial = here.find((place) => place.mode === 'denies');
			if (denial) paper.denied.push({ fact, place: denial });
			if (!place) continue;
			const before = known.get(fact.element_id);
			if (before) paper.again.push({ fact, place });
			else paper.added.push({ fact, place });
			const stated = before ?? new Map<string, Map<string, string | undefined>>();
			known.set(fact.element_id, stated);
			const fresh: [string, string, string | undefined][] = [];
			for (const place of here.filter((place) => place.mode !== 'denies')) {
				for (const [key, texts] of Object.entries(place.states ?? {})) {
					if (!isDate(key, place)) continue;
					for (const text of texts) {
						const values = stated.get(key);
						if (before && values?.size && !values.has(text)) {
							const old = [...values].map(([text, words]) => ({ text, words }));
							paper.otherwise.push({ fact, key, before: old, now: { text, words: place.words?.[text] }, place });
						}
						fresh.push([key, text, place.words?.[text]]);
					}
				}
			}
			for (const [key, text, words] of fresh) stated.set(key, (stated.get(key) ?? new Map()).set(text, words));
		}
		if (paper.added.length || paper.again.length || paper.denied.length) all.push(paper);
	}
	return all;
}
