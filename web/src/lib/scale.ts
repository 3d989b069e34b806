/** The time axis: days since 1970-01-01 to places, and the marks that suit what is shown. */

import { isoDay } from './dates';

export interface Scale {
	/** First and last day that are shown. */
	from: number;
	to: number;
	/** Where these are. */
	left: number;
	right: number;
}

export function at(scale: Scale, day: number): number {
	return scale.left + ((day - scale.from) / (scale.to - scale.from)) * (scale.right - scale.left);
}

export function dayAt(scale: Scale, x: number): number {
	return scale.from + ((x - scale.left) / (scale.right - scale.left)) * (scale.to - scale.from);
}

const YEAR = 365.2425;
const STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000];

export interface Tick {
	day: number;
	text: string;
}

function startOf(year: number, month = 1): number {
	const date = new Date(0);
	date.setUTCFullYear(year, month - 1, 1);
	return date.getTime() / 86_400_000;
}

/** Marks at whole years, months or days, not closer than `apart` pixels. */
export function ticks(scale: Scale, apart: number, language: string): Tick[] {
	const width = scale.right - scale.left;
	const days = scale.to - scale.from;
	const least = (days * apart) / width;
	const all: Tick[] = [];
	const first = new Date(Math.max(-8e15, scale.from * 86_400_000)).getUTCFullYear();
	const last = new Date(Math.min(8e15, scale.to * 86_400_000)).getUTCFullYear() + 1;
	if (least > YEAR / 2) {
		const step = STEPS.find((step) => step * YEAR >= least) ?? (STEPS.at(-1) as number);
		for (let year = Math.floor(first / step) * step; year <= last; year += step) all.push({ day: startOf(year), text: yearText(year) });
	} else {
		const months = [1, 3, 6].find((months) => months * 30.4 >= least) ?? 6;
		const name = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { month: 'short', timeZone: 'UTC' });
		if (least <= 15) {
			const step = [1, 2, 5, 10].find((step) => step >= least) ?? 10;
			for (let day = Math.ceil(scale.from); day <= scale.to; day++) {
				const date = new Date(day * 86_400_000);
				const n = date.getUTCDate();
				if (n === 1 || (n % step === 0 && n <= 31 - step)) all.push({ day, text: n === 1 ? name.format(date) : String(n) });
			}
			return all;
		}
		for (let year = first; year <= last; year++)
			for (let month = 1; month <= 12; month += months) {
				const day = startOf(year, month);
				all.push({ day, text: month === 1 ? yearText(year) : name.format(new Date(day * 86_400_000)) });
			}
	}
	return all.filter(({ day }) => day >= scale.from && day <= scale.to);
}

function yearText(year: number): string {
	return String(year); // astronomical, as the documents' dates are written
}

/** What is shown after zooming about a day: never less than a month, never more than everything. */
export function zoomed(scale: Pick<Scale, 'from' | 'to'>, whole: Pick<Scale, 'from' | 'to'>, by: number, about: number): { from: number; to: number } {
	const span = Math.min(whole.to - whole.from, Math.max(30, (scale.to - scale.from) / by));
	const share = (about - scale.from) / (scale.to - scale.from);
	return within({ from: about - share * span, to: about + (1 - share) * span }, whole);
}

export function moved(scale: Pick<Scale, 'from' | 'to'>, whole: Pick<Scale, 'from' | 'to'>, days: number): { from: number; to: number } {
	return within({ from: scale.from + days, to: scale.to + days }, whole);
}

function within({ from, to }: { from: number; to: number }, whole: Pick<Scale, 'from' | 'to'>): { from: number; to: number } {
	const span = Math.min(to - from, whole.to - whole.from);
	const start = Math.min(Math.max(from, whole.from), whole.to - span);
	return { from: start, to: start + span };
}

/** `1998-01-01/2024-06-30` as days, and back. */
export function span(text: string): { from: number; to: number } | undefined {
	const [from, to] = text.split('/').map((side) => Date.parse(`${side}T00:00:00Z`) / 86_400_000);
	return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
}

export function spanText({ from, to }: { from: number; to: number }): string {
	return `${isoDay(from)}/${isoDay(to)}`;
}
