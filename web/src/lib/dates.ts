/** Dates as documents state them (EDTF), for people: plain ones in the language of the page, others in the server's words. */

const DAY = /^(-?\d{4})-(\d{2})-(\d{2})$/;
const MONTH = /^(-?\d{4})-(\d{2})$/;
const YEAR = /^(\d{4})$/;

/** The day before the month, as the server writes it. */
const locale = (language: string) => (language === 'en' ? 'en-GB' : language);

function at(year: number, month: number, day: number): Date {
	const date = new Date(0);
	date.setUTCFullYear(year, month - 1, day);
	return date;
}

/** A plain day, month or year in words; nothing for what is more than that, or before our era. */
export function plain(text: string, language: string): string | undefined {
	const day = DAY.exec(text);
	if (day && Number(day[1]) > 0)
		return new Intl.DateTimeFormat(locale(language), { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
			.format(at(Number(day[1]), Number(day[2]), Number(day[3])))
			.replace(/ г\.$/, '');
	const month = MONTH.exec(text);
	if (month && Number(month[1]) > 0)
		return new Intl.DateTimeFormat(locale(language), { month: 'long', year: 'numeric', timeZone: 'UTC' })
			.format(at(Number(month[1]), Number(month[2]), 1))
			.replace(/ г\.$/, '');
	const year = YEAR.exec(text);
	return year ? String(Number(year[1])) : undefined;
}

/** A stated date in words: `given` are the server's (English) words for what is not plain. */
export function dateWords(text: string, language: string, given?: string | null): string {
	return plain(text, language) ?? (given && language === 'en' ? given : (given ?? text));
}

/** Days since 1970-01-01 of an ISO day. */
export function dayNumber(iso: string): number | undefined {
	const parts = DAY.exec(iso);
	return parts ? at(Number(parts[1]), Number(parts[2]), Number(parts[3])).getTime() / 86_400_000 : undefined;
}

/** The ISO day of days since 1970-01-01. */
export function isoDay(days: number): string {
	const date = new Date(Math.floor(days) * 86_400_000);
	const year = date.getUTCFullYear();
	const two = (n: number) => String(n).padStart(2, '0');
	const years = year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
	return `${years}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/** Whether the server can be asked about that: a day, a month or a year. */
export function isAskable(text: string): boolean {
	const day = DAY.exec(text);
	if (day) return isoDay(dayNumber(text) ?? NaN) === text;
	const month = MONTH.exec(text);
	return month ? Number(month[2]) >= 1 && Number(month[2]) <= 12 : YEAR.test(text);
}

/** The day by which what is asked about is drawn: of a month or a year its last one. */
export function askedDay(text: string): number | undefined {
	if (!isAskable(text)) return undefined;
	if (DAY.test(text)) return dayNumber(text);
	const month = MONTH.exec(text);
	return month ? at(Number(month[1]), Number(month[2]) + 1, 0).getTime() / 86_400_000 : dayNumber(`${text}-12-31`);
}

/** The day after an ISO day. */
export function dayAfter(iso: string): string | undefined {
	const n = dayNumber(iso);
	return n === undefined ? undefined : isoDay(n + 1);
}
