import { autocompletion, closeBrackets, closeCompletion, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { forEachDiagnostic, linter, lintGutter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { EditorState, StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, keymap, placeholder, type DecorationSet } from '@codemirror/view';
import { check, complete } from './api';
import { fix, fromBytes, toBytes } from './query';
import { t } from './words.svelte';

/**
 * The editor of queries. What is coloured, offered and found wrong is told by the server, which reads the text with the grammar
 * that runs it: there is no second one here. It stands in a shadow root, because its styles are sheets and not elements there,
 * which is what the policy of the server allows.
 */
const coloured = StateEffect.define<DecorationSet>();
const colours = StateField.define<DecorationSet>({
	create: () => Decoration.none,
	update(now, transaction) {
		const next = transaction.effects.find((effect) => effect.is(coloured));
		return next ? next.value : now.map(transaction.changes);
	},
	provide: (field) => EditorView.decorations.from(field),
});

const LOOK = EditorView.theme({
	'&': { fontSize: '14px', color: 'var(--ink)', backgroundColor: 'var(--raised)' },
	'&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
	'.cm-content': { fontFamily: 'var(--mono)', padding: '8px 0', caretColor: 'var(--ink)', minHeight: '6.5em' },
	'.cm-line': { padding: '0 10px' },
	'.cm-cursor': { borderLeftColor: 'var(--ink)' },
	'.cm-gutters': { backgroundColor: 'var(--raised)', border: 'none' },
	'.cm-placeholder': { color: 'var(--muted)' },
	'.cm-keyword': { fontWeight: '700' },
	'.cm-label': { color: 'var(--accent)' },
	'.cm-function': { fontStyle: 'italic' },
	'.cm-text': { color: 'var(--muted)' },
	'.cm-parameter': { textDecoration: 'underline' },
	'.cm-comment': { color: 'var(--muted)', fontStyle: 'italic' },
	'.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { backgroundColor: 'var(--tint)' },
	'.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--line)', fontFamily: 'var(--sans)' },
	'.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--tint)', color: 'var(--ink)' },
	'.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--raised)', borderRadius: '3px' },
});

async function offered(context: CompletionContext): Promise<CompletionResult | null> {
	const query = context.state.doc.toString();
	const before = context.matchBefore(/[\p{L}\p{N}_$`.:(]+$/u);
	if (!context.explicit && !before) return null;
	try {
		const found = await complete(query, toBytes(query, context.pos));
		const options: Completion[] = found.items.map(({ label, insert }) => ({ label, apply: insert }));
		return options.length ? { from: fromBytes(query)(found.from), options, filter: false } : null;
	} catch {
		return null; // an editor without offers is an editor all the same
	}
}

async function wrong(view: EditorView): Promise<Diagnostic[]> {
	const query = view.state.doc.toString();
	if (!query.trim()) return [];
	try {
		const found = await check(query);
		const at = fromBytes(query);
		if (view.state.doc.toString() === query) {
			const marks = found.parts.map(([from, to, part]) => Decoration.mark({ class: `cm-${part}` }).range(at(from), at(to)));
			view.dispatch({ effects: coloured.of(Decoration.set(marks, true)) });
		}
		return found.items.map((one) => {
			const [from, to] = [at(one.start), Math.max(at(one.end), at(one.start))];
			const better = fix(one.hint, query.slice(from, to));
			return {
				from,
				to,
				severity: one.severity,
				message: one.hint && !better ? `${one.message}\n${one.hint}` : one.message,
				actions: better
					? [{ name: t('query.fix', { with: better }), apply: (into: EditorView, from: number, to: number) => into.dispatch({ changes: { from, to, insert: better } }) }]
					: [],
			};
		});
	} catch {
		return []; // running it says what is wrong
	}
}

/** Does what is offered for the mistake at the cursor, or for the first one. */
function mend(view: EditorView): boolean {
	const { head } = view.state.selection.main;
	let best: { from: number; to: number; apply: (view: EditorView, from: number, to: number) => void } | undefined;
	forEachDiagnostic(view.state, (found, from, to) => {
		const [action] = found.actions ?? [];
		if (action && (!best || (from <= head && head <= to))) best = { from, to, apply: action.apply };
	});
	best?.apply(view, best.from, best.to);
	return best !== undefined;
}

export interface Wishes {
	text: string;
	label: string;
	changed: (text: string) => void;
	run: () => void;
	stop: () => void;
}

/** An editor in `host`. */
export function editor(host: HTMLElement, wishes: Wishes): EditorView {
	const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
	const extensions: Extension[] = [
		history(),
		colours,
		closeBrackets(),
		autocompletion({ override: [offered], activateOnTyping: true, icons: false }),
		linter(wrong, { delay: 60 }),
		lintGutter(),
		LOOK,
		placeholder('MATCH (a)-[r]->(b) RETURN a, r, b LIMIT 25'),
		EditorView.lineWrapping,
		EditorView.contentAttributes.of({ 'aria-label': wishes.label, spellcheck: 'false', autocapitalize: 'off' }),
		EditorView.updateListener.of((update) => update.docChanged && wishes.changed(update.state.doc.toString())),
		keymap.of([
			{ key: 'Alt-Enter', run: mend },
			{ key: 'Mod-Enter', run: (view) => (closeCompletion(view), wishes.run(), true) },
			...completionKeymap,
			{ key: 'Escape', run: (view) => (wishes.stop(), view.contentDOM.blur(), true) },
			...lintKeymap,
			...historyKeymap,
			...defaultKeymap,
		]),
	];
	return new EditorView({ state: EditorState.create({ doc: wishes.text, extensions }), parent: root, root });
}

export function setText(view: EditorView, text: string) {
	if (view.state.doc.toString() !== text) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}
