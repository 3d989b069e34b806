export type Theme = 'auto' | 'light' | 'dark';

/** Light, dark, or as the system. */
class Look {
	theme = $state<Theme>('auto');

	constructor() {
		if (typeof localStorage === 'undefined') return;
		const chosen = localStorage.getItem('theme');
		if (chosen === 'light' || chosen === 'dark') this.choose(chosen);
	}

	choose(theme: Theme) {
		this.theme = theme;
		if (theme === 'auto') {
			localStorage.removeItem('theme');
			delete document.documentElement.dataset['theme'];
		} else {
			localStorage.setItem('theme', theme);
			document.documentElement.dataset['theme'] = theme;
		}
	}
}

export const look = new Look();
