import { en, type Message, type Messages } from '../i18n/en';
import { kk } from '../i18n/kk';
import { ru } from '../i18n/ru';

export type Language = 'en' | 'kk' | 'ru';
export const LANGUAGES: { code: Language; name: string }[] = [
	{ code: 'kk', name: 'Қазақша' },
	{ code: 'ru', name: 'Русский' },
	{ code: 'en', name: 'English' },
];
const ALL: Record<Language, Messages> = { en, kk, ru };

export function isLanguage(text: string | null | undefined): text is Language {
	return text === 'en' || text === 'kk' || text === 'ru';
}

/** The language of the explorer: as chosen, else as the browser prefers. Not part of an address: a link is read by others. */
class Words {
	language = $state<Language>('en');

	constructor() {
		if (typeof localStorage === 'undefined') return;
		const chosen = localStorage.getItem('language');
		const preferred = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
		this.language = isLanguage(chosen) ? chosen : (preferred ?? 'en');
	}

	choose(language: Language) {
		this.language = language;
		localStorage.setItem('language', language);
	}
}

export const words = new Words();

export function fill(message: Message, language: Language, values: Record<string, string | number>): string {
	const n = Number(values['n'] ?? 0);
	const text = typeof message === 'string' ? message : plural(message, language, n);
	return text.replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = values[name];
		return typeof value === 'number' ? number(value, language) : (value ?? '');
	});
}

function plural(message: Exclude<Message, string>, language: Language, n: number): string {
	const form = new Intl.PluralRules(language).select(n);
	return (message as Record<string, string | undefined>)[form] ?? message.other;
}

export function number(n: number, language: Language = words.language): string {
	return new Intl.NumberFormat(language).format(n);
}

/** A text of the explorer in the chosen language. */
export function t(key: keyof typeof en, values: Record<string, string | number> = {}): string {
	return fill(ALL[words.language][key], words.language, values);
}

/** The same where the key is put together; the text itself where there is no such key. */
export function maybe(key: string, otherwise: string): string {
	return key in en ? t(key as keyof typeof en) : otherwise;
}

export const messages = ALL;
