/** What a query answers, as the page of queries reads it. */

export interface NodeCell {
	id: number;
	labels: string[];
	props: Record<string, unknown>;
}

export interface RelCell {
	id: number;
	type: string;
	start: number;
	end: number;
	props: Record<string, unknown>;
}

const has = <K extends string>(value: unknown, key: K): value is Record<K, unknown> => typeof value === 'object' && value !== null && key in value;

export const node = (value: unknown): NodeCell | undefined => (has(value, '$node') ? (value.$node as NodeCell) : undefined);
export const rel = (value: unknown): RelCell | undefined => (has(value, '$rel') ? (value.$rel as RelCell) : undefined);

/** What a node is called: its name, a value with its unit, its id, its number. */
export function nodeName(of: NodeCell): string {
	const text = (key: string) => (of.props[key] === undefined || of.props[key] === null ? '' : String(plain(of.props[key])));
	return text('name') || text('title') || `${text('value')} ${text('unit')}`.trim() || text('id') || `#${of.id}`;
}

export function nodeHandle(of: NodeCell): string {
	return typeof of.props['id'] === 'string' ? encodeURIComponent(of.props['id']) : `@${of.id}`;
}

/** A value without the marks of its type. */
export function plain(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(plain);
	if (has(value, '$node')) return nodeName(value.$node as NodeCell);
	if (has(value, '$rel')) return (value.$rel as RelCell).type;
	if (has(value, '$map')) return Object.fromEntries(Object.entries(value.$map as object).map(([key, one]) => [key, plain(one)]));
	if (has(value, '$temporal')) return value.$temporal;
	if (has(value, '$float')) return value.$float;
	if (has(value, '$path')) {
		const { nodes } = value.$path as { nodes: unknown[] };
		return nodes.map(plain).join(' → ');
	}
	return value;
}

/** A value as text: what is copied, sorted by, and written into files. */
export function text(value: unknown): string {
	const bare = plain(value);
	if (bare === null || bare === undefined) return '';
	return typeof bare === 'object' ? JSON.stringify(bare) : String(bare);
}

/** The same for sorting: numbers stay numbers. */
export function sortable(value: unknown): unknown {
	const bare = plain(value);
	return typeof bare === 'number' || typeof bare === 'boolean' ? bare : text(value);
}

/** Whether rows hold something that can be drawn. */
export function isGraph(rows: unknown[][]): boolean {
	const drawable = (value: unknown): boolean => has(value, '$node') || has(value, '$rel') || has(value, '$path') || (Array.isArray(value) && value.some(drawable));
	return rows.slice(0, 200).some((row) => row.some(drawable));
}

/** RFC 4180; text that a spreadsheet would run stays what it is between quotes. */
export function csv(columns: string[], rows: unknown[][], citations?: string[][]): string {
	const cell = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
	const head = citations ? [...columns, 'citations'] : columns;
	const line = (row: unknown[], at: number) => [...row.map(text), ...(citations ? [(citations[at] ?? []).join(' ')] : [])].map(cell).join(',');
	return [head.map(cell).join(','), ...rows.map(line)].join('\r\n') + '\r\n';
}

const LITERAL_OR_COMMENT = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** The parameters that a query names, in their order, each once. */
export function parameters(query: string): string[] {
	const bare = query.replace(LITERAL_OR_COMMENT, ' ');
	return [...new Set([...bare.matchAll(/\$([\p{L}_][\p{L}\p{N}_]*)/gu)].map((found) => found[1] as string))];
}

/** What is typed for a parameter: JSON where it is some, else the text itself. */
export function parameter(typed: string): unknown {
	try {
		return JSON.parse(typed);
	} catch {
		return typed;
	}
}

/** The word that a hint offers for what is wrong, as it would stand in the text; nothing where it offers none. */
export function fix(hint: string | null, wrong: string): string | undefined {
	const offered = /^did you mean `?([^`?]+)`?\?/.exec(hint ?? '')?.[1];
	if (!offered) return undefined;
	const ticked = wrong.startsWith('`') || !/^[\p{L}_][\p{L}\p{N}_.]*(?: [\p{L}]+)*$/u.test(offered);
	return ticked ? `\`${offered}\`` : offered;
}

/** Where in a text (UTF-16) the bytes (UTF-8) of the server's places are; `places` upwards or not. */
export function fromBytes(text: string): (byte: number) => number {
	const starts: number[] = [];
	let bytes = 0;
	let at = 0;
	for (const character of text) {
		const code = character.codePointAt(0) as number;
		const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		for (let n = 0; n < size; n++) starts[bytes + n] = at;
		bytes += size;
		at += character.length;
	}
	starts[bytes] = at;
	return (byte) => starts[Math.max(0, byte)] ?? at;
}

/** The byte before which a place in a text (UTF-16) stands. */
export function toBytes(text: string, at: number): number {
	return new TextEncoder().encode(text.slice(0, at)).length;
}
