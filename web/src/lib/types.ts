/** What the server's `/api/v1` answers: see docs/server.md and docs/explorer.md. */

export interface Who {
	element_id: string;
	id: string | null;
	name: string;
	kind: string;
}

export interface Info {
	version: string;
	commit: number;
	nodes: number;
	relationships: number;
	sources: number;
	title: string | null;
	name: string | null;
	documents: boolean;
	read_only: boolean;
	views: boolean;
	languages: string[];
}

export interface Bound {
	text: string | null;
	words: string | null;
	disputed: boolean;
	citations: string[];
}

export interface Stretch {
	start: Bound;
	end: Bound;
}

export interface Candidate extends Who {
	met: string;
	met_language: string;
	by: string;
	documents: number;
	witnesses: number;
	life: Stretch[];
}

/** One place that speaks of a fact. */
export interface Place {
	citation: string;
	source: string;
	title: string;
	id?: string;
	states?: Record<string, string[]>;
	words?: Record<string, string>;
	bodies?: Record<string, Who>;
	confidence?: string;
	mode?: 'hedges' | 'reports' | 'denies';
	identified?: 'probable' | 'possible';
	event?: string;
	by?: string;
	as_named?: string;
	corrects?: string;
	either?: true;
}

export interface Fact {
	element_id: string;
	kind: string;
	start: Who;
	end: Who;
	support: number;
	witnesses: number;
	evidence: Place[];
	span: [string | null, string | null];
	properties?: Record<string, unknown>;
	holds?: boolean | null;
}

export interface Relation {
	definition: string;
	inverse: string;
	wording: Record<string, string>;
	lineage: boolean;
	domain: string[];
	range: string[];
}

export interface EntityName {
	name: string;
	language: string;
	script: string;
	status: string;
	citations: string[];
}

export interface Side {
	about: { node: Who } | { kind: string; start: Who; end: Who } | null;
	claim: string;
	states: Record<string, string[]>;
	citations: string[];
	documents: string[];
	witnesses: number;
}

export interface Conflict {
	id: string;
	topic: string;
	kind: string;
	note: string;
	certain: boolean | null;
	left: Side;
	right: Side;
}

export interface List<T> {
	total: number;
	returned: number;
	truncated: boolean;
	items: T[];
}

export interface Entity extends Who {
	properties: Record<string, unknown>;
	names: EntityName[];
	life: Stretch[];
	support: number;
	witnesses: number;
	evidence: Place[];
	relations: Record<string, Relation>;
	conflicts: List<Conflict>;
	facts: List<Fact>;
	holds?: boolean | null;
}

export interface Source {
	id: string;
	title: string;
	group: string;
	date: string;
	date_words: string;
	derives_from: string[];
	entity: Who | null;
}

export interface SourceItem extends Source {
	facts: number;
	places: number;
	text: boolean;
}

export type Standing = 'verified' | 'changed' | 'missing' | 'no fingerprint';

export interface PlaceHere {
	at: string;
	citation: string;
	paragraph: number;
	first: number;
	last: number;
	text: string | null;
	standing: Standing | null;
	facts: Fact[];
	lives: (Who & { evidence: Place[] })[];
	named: Who[];
}

export interface Sentence extends PlaceHere {
	source: Source;
	text_at_hand: boolean;
	above: { at: string; text: string }[];
	below: { at: string; text: string }[];
	relations: Record<string, Relation>;
}

export interface Document {
	source: Source;
	text: boolean;
	paragraphs: { number: number; sentences: string[] }[] | null;
	places: PlaceHere[];
	relations: Record<string, Relation>;
	next: number | null;
}

export interface Schema {
	nodes: number;
	relationships: number;
	labels: Record<string, { count: number; properties: string[] }>;
	types: Record<string, { count: number; properties: string[]; between: { between: string; count: number }[]; declared: Relation | null }>;
}

export interface View {
	name: string;
	title: string;
	path: string;
	parameters: Record<string, string>;
	/** Why its file cannot be read. */
	error?: string;
}

/** What differs between two days, or between what was known on them. */
export interface Change {
	change: 'added' | 'began' | 'ended' | 'gone' | 'renamed' | 'changed';
	what: 'body' | 'fact';
	id: string;
	name: string;
	detail: string;
	places: string[];
}

/** What a body of one day is on another. */
export interface Crossing {
	from: Who;
	to: Who | null;
	way: 'same' | 'goes on as' | 'renamed' | 'merged' | 'part of' | 'ended';
	share: number | null;
	events: number;
	certain: boolean;
	citations: string[];
}

/** A date as the timeline draws it. */
export interface When {
	edtf: string;
	words: string;
	year: string;
	days: [number | null, number | null] | null;
	drawn: [number, number] | null;
}

export interface Dated {
	when: When;
	role: string;
	citations: number[];
}

export interface TimelineEvent {
	kind: string;
	word: string;
	detail: string;
	when: When;
	dates: Dated[];
	citations: number[];
	disputed: boolean;
}

export interface TimelineBody {
	id: string;
	name: string;
	kind: string;
	disputed: boolean;
	evidence: boolean;
	names: { language: string; name: string }[];
	stretches: { start: When; end: When; start_by?: number[] | null; end_by?: number[] | null }[];
	events: TimelineEvent[];
	citations: number[];
}

export interface TimelineLink {
	from: number;
	to: number;
	kind: string;
	class: string;
	event: string;
	function: string | null;
	detail: string;
	when: When;
	dates: Dated[];
	citations: number[];
	disputed: boolean;
	inferred: boolean;
	continues: boolean;
	existing: boolean;
	moves: boolean;
}

export interface Cite {
	source: string;
	locator: string;
	place: string;
	title: string;
	facts: { kind: string; fact: string; support: number; reading: string }[];
}

export interface Timeline {
	title: string;
	query: string | null;
	as_of: { when: When; word: string } | null;
	focus: number | null;
	dated: boolean;
	order: number[];
	bodies: TimelineBody[];
	links: TimelineLink[];
	conflicts: { topic: string; sides: { claim: string; support: number; citations: number[] }[] }[];
	citations: Cite[];
	notes: string[];
	silence: string | null;
}

export interface Drawn {
	nodes: (Who & { box: [number, number, number, number]; text: string[]; colour: string })[];
	links: { from: number; to: number; kind: string; points: [number, number][]; label: [number, number] | null; citations: string[] }[];
	total: number;
	returned: number;
	truncated: boolean;
	notes: string[];
}

export interface Answer {
	columns: string[];
	rows: unknown[][];
	citations?: string[][];
	warnings: { message: string; hint: string | null; line: number; column: number }[];
	plan: string | null;
	changes: Record<string, number>;
	us: number;
}

export interface Problem {
	severity: 'error' | 'warning';
	message: string;
	hint: string | null;
	start: number;
	end: number;
	line: number;
	column: number;
}
