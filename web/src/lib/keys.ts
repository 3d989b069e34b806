import { place } from './place.svelte';
import { shell } from './shell.svelte';

/** What the keys do, in the order the list shows them. */
export const KEYS = [
	['/', 'keys.search'],
	['?', 'keys.help'],
	['Esc', 'keys.close'],
	['g s', 'keys.start'],
	['g c', 'keys.conflicts'],
	['g v', 'keys.changes'],
	['g d', 'keys.documents'],
	['g q', 'keys.query'],
	['g k', 'keys.schema'],
	['j', 'keys.next'],
	['k', 'keys.previous'],
	['Enter', 'keys.open'],
	['l', 'keys.lineage'],
	['t', 'keys.table'],
	['Ctrl Enter', 'keys.run'],
	['Alt Enter', 'keys.mend'],
	['Shift ←→↑↓', 'keys.move'],
] as const;

const GO: Record<string, string> = { s: '/', c: '/conflicts', v: '/changes', d: '/s', q: '/query', k: '/schema' };
let going = 0;

function isTyping(target: EventTarget | null): boolean {
	const element = target as HTMLElement | null;
	return Boolean(element?.closest('input, textarea, select, [contenteditable="true"], .editor'));
}

/** Moves the focus among what is marked as a step (`data-step`): places, rows, bars. */
function step(by: 1 | -1) {
	const all = [...document.querySelectorAll<HTMLElement>('[data-step]')].filter((one) => one.getClientRects().length > 0);
	if (!all.length) return;
	const now = all.indexOf(document.activeElement?.closest('[data-step]') as HTMLElement);
	const next = now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + by));
	all[next]?.focus();
	all[next]?.scrollIntoView({ block: 'nearest' });
}

export function keyed(event: KeyboardEvent) {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
	if (event.key === 'Escape') {
		if (shell.keys) shell.keys = false;
		else if (place.get('at')) place.set({ at: null });
		else (document.activeElement as HTMLElement | null)?.blur?.();
		return;
	}
	if (isTyping(event.target)) return;
	const soon = performance.now() - going < 1200;
	if (soon && GO[event.key]) {
		event.preventDefault();
		going = 0;
		place.go(place.to(GO[event.key] as string));
		return;
	}
	const mine: Record<string, () => void> = {
		'/': () => document.querySelector<HTMLInputElement>('#search')?.focus(),
		'?': () => (shell.keys = true),
		g: () => (going = performance.now()),
		j: () => step(1),
		k: () => step(-1),
		l: () => document.querySelector<HTMLElement>('[data-key="l"]')?.click(),
		t: () => document.querySelector<HTMLElement>('[data-key="t"]')?.click(),
	};
	const act = mine[event.key];
	if (!act) return;
	event.preventDefault();
	act();
}
