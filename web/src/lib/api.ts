import type { Answer, Change, Conflict, Crossing, Document, Drawn, Entity, Candidate, Info, List, Problem, Schema, Sentence, SourceItem, Timeline, View, Who } from './types';

/** What the server refuses, in its own words. */
export class Refused extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
	) {
		super(message);
	}
}

export type Parameters = Record<string, string | number | boolean | undefined | null>;

/** The address of an answer: what is empty is left out, so that one question has one address. */
export function address(path: string, parameters: Parameters = {}): string {
	const all = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false);
	const query = new URLSearchParams(all.map(([key, value]) => [key, value === true ? '1' : String(value)]));
	return all.length ? `/api/v1/${path}?${query}` : `/api/v1/${path}`;
}

async function answer<T>(response: Response): Promise<T> {
	if (response.ok) return (await response.json()) as T;
	let code = '';
	let message = response.statusText;
	try {
		const body = (await response.json()) as { errors?: { code: string; message: string }[] };
		code = body.errors?.[0]?.code ?? '';
		message = body.errors?.[0]?.message ?? message;
	} catch {
		// not from the server: what is between says what it can
	}
	throw new Refused(response.status, code, message);
}

const kept = new Map<string, Promise<unknown>>();
const KEPT = 60;

/** Asks once for an address, and again only when it is long ago: what has been seen is there when one comes back to it. */
export function get<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
	const url = address(path, parameters);
	const known = kept.get(url) as Promise<T> | undefined;
	if (known) return known;
	const asked = fetch(url, { headers: { accept: 'application/json' }, signal: signal ?? null }).then((response) => answer<T>(response));
	kept.set(url, asked);
	asked.catch(() => kept.delete(url));
	if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
	return asked;
}

async function done(method: string, path: string, body?: unknown): Promise<void> {
	const response = await fetch(`/api/v1/${path}`, { method, headers: { 'content-type': 'application/json' }, body: body === undefined ? null : JSON.stringify(body) });
	if (!response.ok) await answer(response);
}

/** Forgets what was asked: the graph has changed. */
export function forget(): void {
	kept.clear();
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
	const response = await fetch(`/api/v1/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', accept: 'application/json' },
		body: JSON.stringify(body),
		signal: signal ?? null,
	});
	return answer<T>(response);
}

/**
 * Statements in one transaction, each made from the first value of the first row of the first; their rows. What is not kept is
 * rolled back, and so is everything when one of them fails.
 */
export async function inOne(statements: ((first: unknown) => { query: string; params: Record<string, unknown> })[], keep: boolean): Promise<unknown[][][]> {
	const base = '/db/neo4j/query/v2/tx';
	let open = '';
	const ask = async (to: string, method: string, body?: unknown) => {
		const response = await fetch(to, { method, headers: { 'content-type': 'application/json', accept: 'application/json' }, body: body === undefined ? null : JSON.stringify(body) });
		const found = (await response.json()) as { errors?: { code: string; message: string }[]; transaction?: { id: string }; data?: { values: unknown[][] } };
		const error = found.errors?.[0];
		if (error) throw new Refused(response.status, error.code, error.message);
		return found;
	};
	const all: unknown[][][] = [];
	try {
		for (const statement of statements) {
			const { query, params } = statement(all[0]?.[0]?.[0]);
			const found = await ask(open ? `${base}/${open}` : base, 'POST', { statement: query, parameters: params });
			open ||= found.transaction?.id ?? '';
			all.push(found.data?.values ?? []);
		}
		if (keep) {
			await ask(`${base}/${open}/commit`, 'POST', {});
			open = '';
		}
		return all;
	} finally {
		if (open) await ask(`${base}/${open}`, 'DELETE').catch(() => {}); // it failed, and is gone already
	}
}

/** The end of an address that means one entity: its id, else its number. */
export function handle(who: { id: string | null; element_id?: string }): string {
	return encodeURIComponent(who.id ?? `@${who.element_id}`);
}

/** Begins a session with the token of the address (`#token=…`), which then leaves the address. */
export async function session(token: string): Promise<boolean> {
	const response = await fetch('/api/v1/session', {
		method: 'POST',
		headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
		body: '{}',
	});
	return response.ok;
}

export const info = () => get<Info>('info');
export const find = (q: string, signal?: AbortSignal) => get<{ items: Candidate[]; truncated: boolean }>('find', { q, limit: 50 }, signal);
export const starting = (q: string, signal?: AbortSignal) => get<{ items: Candidate[]; truncated: boolean }>('find', { q, prefix: 1, limit: 50 }, signal);
export const entity = (id: string, from: Parameters) => get<Entity>(`entity/${id}`, { limit: 1000, ...from });
export const timeline = (id: string, from: Parameters) => get<Timeline>(`trace/${id}.timeline`, from);
export const conflicts = (from: Parameters) => get<List<Conflict>>('conflicts', { limit: 1000, ...from });
export const sources = () => get<List<SourceItem>>('sources');
export const source = (id: string, from?: number) => get<Document>(`source/${encodeURIComponent(id)}`, { from });
export const sentence = (id: string, at: string) => get<Sentence>(`source/${encodeURIComponent(id)}/${encodeURIComponent(at)}`, { around: 2 });
export const schema = () => get<Schema>('schema');
/** What is drawn: what a query answers, or entities, or one with those near it, or the ways between two. */
export interface ToDraw {
	query?: string;
	params?: unknown;
	nodes?: string[];
	around?: string;
	between?: [string, string];
	according_to?: string;
	known_by?: string;
	style?: string;
}
export const drawn = (body: ToDraw, signal?: AbortSignal) => post<Drawn>('view', body, signal);
/** The same as a file. */
export async function pictureFile(form: string, body: unknown): Promise<Blob> {
	const response = await fetch(`/api/v1/view/${form}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	return response.ok ? response.blob() : answer<Blob>(response);
}
export const changes = (from: Parameters) => get<List<Change>>('changes', from);
export const crosswalk = (from: Parameters) => get<List<Crossing> & { cut: Who[] }>('crosswalk', from);
export const run = (body: { query: string; params: unknown; cite: boolean }, signal?: AbortSignal) => post<Answer>('query', body, signal);
export const views = () => get<List<View>>('views');
export const putView = (name: string, view: Omit<View, 'name' | 'error'>) => done('PUT', `views/${encodeURIComponent(name)}`, view);
export const removeView = (name: string) => done('DELETE', `views/${encodeURIComponent(name)}`);
export const split = (text: string) => post<{ paragraphs: { number: number; sentences: { at: string; text: string; fingerprint: string }[] }[] }>('split', { text });
export const check = (query: string, signal?: AbortSignal) => post<{ items: Problem[]; parts: [number, number, string][] }>('check', { query }, signal);
export const complete = (query: string, at: number, signal?: AbortSignal) =>
	post<{ from: number; items: { label: string; insert: string }[] }>('complete', { query, at }, signal);
