import type { Timeline, TimelineBody, TimelineEvent, TimelineLink, When } from './types';
import { isoDay } from './dates';

/** A stretch of a bar: where it is sharp, and where only the bounds of its ends are known. */
export interface Bar {
	/** The days between which it begins, and between which it ends; nothing where that is not stated. */
	start: [number, number] | undefined;
	end: [number, number] | undefined;
	/** Where it is drawn. */
	from: number;
	to: number;
	/** Whether it goes on: an end that is stated to be none, or not stated. */
	open: 'exists' | 'unknown' | undefined;
	begun: boolean;
}

const drawn = (when: When): [number, number] | undefined => when.drawn ?? undefined;

/** Every day of a lineage that has a place on the axis. */
export function days(timeline: Timeline): number[] {
	const all: number[] = [];
	const add = (when: When) => when.drawn && all.push(...when.drawn);
	for (const body of timeline.bodies) {
		for (const { start, end } of body.stretches) [start, end].forEach(add);
		for (const event of body.events) [event.when, ...event.dates.map((date) => date.when)].forEach(add);
	}
	for (const link of timeline.links) [link.when, ...link.dates.map((date) => date.when)].forEach(add);
	return all.filter(Number.isFinite);
}

/** What is shown when nothing else is asked: all that is dated, with some room, up to the day it holds for. */
export function whole(timeline: Timeline): { from: number; to: number } {
	const all = days(timeline);
	if (!all.length) return { from: 0, to: 1 };
	const now = timeline.as_of?.when.drawn?.[1];
	const [first, last] = [Math.min(...all), Math.max(...all, ...(now === undefined ? [] : [now]))];
	const room = Math.max(40, (last - first) * 0.04);
	return { from: first - room, to: last + room };
}

/** The dates of acts that touch a body, by which a bar without dates of its own is drawn. */
function touching(timeline: Timeline, at: number): number[] {
	const body = timeline.bodies[at] as TimelineBody;
	const events = body.events.flatMap((event) => event.when.drawn ?? []);
	const links = timeline.links.filter((link) => link.from === at || link.to === at).flatMap((link) => link.when.drawn ?? []);
	return [...events, ...links];
}

/** The bars of a body, from left to right. */
export function bars(timeline: Timeline, at: number, frame: { from: number; to: number }): Bar[] {
	const body = timeline.bodies[at] as TimelineBody;
	const near = touching(timeline, at);
	return body.stretches.map(({ start, end }, n) => {
		const [begin, finish] = [drawn(start), drawn(end)];
		const last = n === body.stretches.length - 1;
		const from = begin?.[0] ?? (near.length ? Math.min(...near) : (finish?.[0] ?? frame.from));
		const open = finish ? undefined : end.edtf === '..' ? 'exists' : 'unknown';
		const now = timeline.as_of?.when.drawn?.[0] ?? frame.to;
		const to = finish?.[1] ?? (last ? (open === 'exists' ? Math.max(now, from) : Math.max(from, ...near, now)) : from);
		return { start: begin, end: finish, from, to: Math.max(from, to), open, begun: Boolean(begin) };
	});
}

/** Everything that can be chosen, in the order in which it is gone through: by the rows, in each by time. */
export type Chosen = { kind: 'body'; at: number } | { kind: 'event'; body: number; at: number } | { kind: 'link'; at: number };

export function chosenKey(one: Chosen): string {
	return one.kind === 'event' ? `e${one.body}.${one.at}` : `${one.kind === 'body' ? 'b' : 'l'}${one.at}`;
}

export function chosenOf(key: string, timeline: Timeline): Chosen | undefined {
	const found = /^([bel])(\d+)(?:\.(\d+))?$/.exec(key);
	if (!found) return undefined;
	const n = Number(found[2]);
	if (found[1] === 'b' && timeline.bodies[n]) return { kind: 'body', at: n };
	if (found[1] === 'l' && timeline.links[n]) return { kind: 'link', at: n };
	if (found[1] === 'e' && timeline.bodies[n]?.events[Number(found[3])]) return { kind: 'event', body: n, at: Number(found[3]) };
	return undefined;
}

/** Each act once, with its dates and places, for the table beside the picture. */
export interface Row {
	key: string;
	from: TimelineBody | undefined;
	act: string;
	to: TimelineBody;
	of: TimelineLink | TimelineEvent;
	sort: number;
}

export function rows(timeline: Timeline): Row[] {
	const links = timeline.links.map((link, at) => ({
		key: chosenKey({ kind: 'link', at }),
		from: timeline.bodies[link.from],
		act: link.kind,
		to: timeline.bodies[link.to] as TimelineBody,
		of: link,
		sort: link.when.drawn?.[0] ?? Infinity,
	}));
	const events = timeline.bodies.flatMap((body, n) =>
		body.events.map((event, at) => ({
			key: chosenKey({ kind: 'event', body: n, at }),
			from: undefined,
			act: event.word,
			to: body,
			of: event,
			sort: event.when.drawn?.[0] ?? Infinity,
		})),
	);
	return [...links, ...events].sort((a, b) => a.sort - b.sort || a.key.localeCompare(b.key));
}

/** The days at which something changes: each act's first day, and the day after a life's last one. */
export function changes(timeline: Timeline): string[] {
	const all = new Set<string>();
	for (const { of } of rows(timeline)) if (of.when.days?.[0] != null) all.add(isoDay(of.when.days[0]));
	for (const body of timeline.bodies)
		for (const { start, end } of body.stretches) {
			if (start.days?.[0] != null) all.add(isoDay(start.days[0]));
			if (end.days?.[1] != null) all.add(isoDay(end.days[1]));
		}
	return [...all].sort();
}

/** The acts that may have happened between two days. */
export function between(timeline: Timeline, first: number, second: number): Row[] {
	const [from, to] = [Math.min(first, second), Math.max(first, second)];
	return rows(timeline).filter(({ of }) => of.when.days && (of.when.days[0] ?? -Infinity) <= to && (of.when.days[1] ?? Infinity) > from);
}

/** Relations that lead somewhere here, for the filter. */
export function kinds(timeline: Timeline): string[] {
	return [...new Set([...timeline.links.map((link) => link.kind), ...timeline.bodies.flatMap((body) => body.events.map((event) => event.kind))])].sort();
}
