//! The lists of words of sentence rule 2, in small letters and in order. They are part of the rule.

/// Never the end: a name, a title or an explanation follows.
#[rustfmt::skip]
pub(super) const ALWAYS: &[&str] = &[
    "adm", "amb", "approx", "av", "avv", "brig", "bzw", "c.-à-d", "c.à.d", "ca", "capt", "cf", "cmdr", "col", "d.h",
    "dipl", "dipl.ing", "dn", "dott", "dott.ssa", "doç", "dr", "dr.hab", "dra", "dña", "e.g", "eg", "env", "esp",
    "fig.e", "frl", "geb", "gen", "geom", "gest", "gov", "hon", "hr", "hrsg", "i.d.r", "i.e", "ie", "incl", "ing",
    "inkl", "ks", "lt", "m.a", "m.in", "maj", "me", "messrs", "mgr", "mlle", "mm", "mme", "mr", "mrs", "ms", "np",
    "p.ej", "p.ex", "pres", "priv.doz", "prof", "prof.dr", "rep", "resp", "rev", "s.o", "sen", "sgt", "sig", "sig.na",
    "sig.ra", "sn", "sog", "sr", "sra", "srta", "st.petersburg", "tj", "tzn", "u.a", "ud", "uds", "v.a", "v.gr",
    "v.s", "vd", "vgl", "viz", "vs", "z.b", "адм", "акад", "архиеп", "бул", "бульв", "г-жа", "г-н", "гг-н", "ген",
    "гл.обр", "гос", "гр", "д-р", "доц", "еп", "игум", "кап", "лейт", "мин", "мыс", "напр", "обл", "пгт", "пер",
    "перев", "подп", "полк", "пос", "пр", "пр-т", "преп", "просп", "прот", "проф", "р-н", "ред", "респ", "св", "серж",
    "см", "сост", "ср", "т.е", "т.ж", "т.к", "т.н", "т.о", "т.ч", "тов", "ул", "қар",
];

/// Not the end before a name; the end before a word that begins sentences.
#[rustfmt::skip]
pub(super) const NAMED: &[&str] = &[
    "abp", "assn", "assoc", "bp", "bros", "bul", "dept", "fr", "ft", "gov.t", "inst", "int'l", "intl", "mt", "nat'l",
    "natl", "pl", "ss", "st", "sta", "ste", "sto", "str", "univ", "ven", "им",
];

/// Not the end before a number or a letter that counts.
#[rustfmt::skip]
pub(super) const COUNTED: &[&str] = &[
    "abr", "abs", "ago", "anl", "anm", "app", "apps", "apr", "art", "arts", "artt", "aufl", "aug", "avr", "bd", "bde",
    "bl", "buchst", "c", "cap", "ch", "chap", "chaps", "cl", "cls", "d", "dec", "dez", "dz", "déc", "ed", "eds",
    "ene", "eq", "eqs", "ex", "exs", "f", "feb", "febb", "ff", "fig", "figs", "fol", "fols", "févr", "fık", "gen",
    "hs", "jan", "janv", "juil", "juill", "jul", "jun", "kap", "l", "lit", "mar", "md", "mär", "n", "n.o", "n.º",
    "no", "nos", "nov", "nr", "nrn", "nrs", "num", "nº", "núm", "oct", "okt", "p", "par", "para", "paras", "pars",
    "pg", "pgs", "pkt", "poz", "pp", "pt", "pts", "pág", "págs", "r", "reg", "regs", "rn", "rozdz", "rz", "s",
    "sched", "sec", "secs", "sect", "sep", "sept", "ser", "supp", "t", "tab", "tabs", "tz", "ust", "v", "ver", "vol",
    "vol.s", "vols", "ziff", "абз", "авг", "апр", "бап", "вып", "гл", "д", "дек", "июл", "июн", "каб", "кв", "кн",
    "корп", "мар", "ном", "ноя", "нояб", "окт", "оф", "п", "пп", "прил", "прим", "примеч", "разд", "рис", "с", "сен",
    "сент", "ст", "стр", "т", "табл", "тарм", "тел", "тт", "фев", "февр", "ч", "янв", "№",
];

/// Abbreviations that do stand at the end: a capital begins a new sentence.
#[rustfmt::skip]
pub(super) const ENDING: &[&str] = &[
    "a.d", "a.m", "b.c", "b.c.e", "c.e", "et.c", "etc", "i.t.d", "i.t.p", "itd", "itp", "n.chr", "p.m", "u.s.f",
    "u.s.w", "usf", "usw", "v.chr", "и.т.д", "и.т.п", "н.ст", "н.э", "ст.ст", "т.б", "т.д", "т.п", "т.с.с",
];

/// Behind a number, a year or a century: `2010 г.`
#[rustfmt::skip]
pub(super) const YEARS: &[&str] = &[
    "r", "w", "в", "вв", "г", "гг", "ж", "жж", "жыл", "р", "рр", "ғ",
];

/// Not the end before one of `PARTNERS`: `Foo Co. Ltd.`
#[rustfmt::skip]
pub(super) const FIRMS: &[&str] = &[
    "bros", "cie", "co", "corp", "gmbh", "pty",
];

/// How the name of a firm ends.
#[rustfmt::skip]
pub(super) const PARTNERS: &[&str] = &[
    "ag", "co", "corp", "inc", "kg", "kgaa", "limited", "llc", "llp", "ltd", "plc", "sa",
];

/// Months that are written with a capital behind an ordinal: `3. Oktober`.
#[rustfmt::skip]
pub(super) const MONTHS: &[&str] = &[
    "apr", "april", "aug", "august", "dez", "dezember", "feb", "feber", "februar", "halbjahr", "jahrhundert",
    "jahrtausend", "jan", "januar", "jul", "juli", "jun", "juni", "jänner", "mai", "mär", "märz", "nov", "november",
    "okt", "oktober", "quartal", "sep", "sept", "september",
];

/// What stands before an ordinal: `der 2. Senat`.
#[rustfmt::skip]
pub(super) const DETERMINERS: &[&str] = &[
    "ab", "am", "aufs", "beim", "bis", "das", "dem", "den", "der", "des", "die", "ein", "eine", "einem", "einen",
    "einer", "eines", "im", "ins", "jede", "jedem", "jeden", "jeder", "jedes", "oder", "seit", "sowie", "und", "vom",
    "zum", "zur",
];

/// What begins a time at the front of a sentence: `В 2010 г.`
#[rustfmt::skip]
pub(super) const LEADING: &[&str] = &[
    "do", "od", "po", "w", "в", "весной", "во", "від", "до", "еще", "ещё", "з", "за", "зимой", "из", "к", "ко",
    "летом", "лишь", "на", "начиная", "около", "осенью", "от", "по", "после", "після", "с", "со", "только", "у",
    "уже",
];

/// How a word begins that a single letter names: `Ministry B.`, `Plan B.` Compared in small letters.
#[rustfmt::skip]
pub(super) const LABELS: &[&str] = &[
    "agenc", "agentur", "allegat", "anexo", "anhang", "anlage", "annex", "appendi", "article", "bank", "block",
    "board", "bodies", "body", "book", "branch", "building", "bureau", "case", "categor", "chamber", "class",
    "clause", "column", "commission", "committee", "commune", "compan", "council", "court", "departamen",
    "department", "district", "division", "département", "enclosure", "exhibit", "figure", "file", "form", "grade",
    "group", "gruppe", "hepatitis", "item", "lemma", "letter", "level", "line", "ministe", "ministr", "ministè",
    "module", "offic", "option", "organi", "part", "phase", "plan", "point", "position", "provinc", "region",
    "register", "row", "schedule", "school", "section", "serie", "site", "stage", "state", "step", "street",
    "subsection", "system", "table", "team", "teil", "theorem", "type", "unit", "version", "vitamin", "war", "zone",
    "агентств", "банк", "блок", "бюро", "витамин", "групп", "департамент", "зона", "зоны", "катего", "класс",
    "комисси", "комитет", "компани", "литер", "министерств", "отдел", "офис", "палат", "партии", "партия", "план",
    "приложени", "пункт", "раздел", "район", "регион", "служб", "совет", "статье", "статьи", "статья", "статьё",
    "суд", "таблиц", "тип", "управлени", "части", "часть",
];

/// Words that begin sentences and are no names, in small letters; those that also begin family names (`Le`, `De`, `Von`) are left out.
#[rustfmt::skip]
pub(super) const OPENERS: &[&str] = &[
    "a", "aber", "about", "according", "after", "again", "against", "ainsi", "ale", "all", "als", "also", "although",
    "am", "ama", "among", "an", "ancak", "and", "another", "any", "après", "around", "as", "at", "au", "auch", "auf",
    "aus", "aux", "avant", "avec", "because", "before", "bei", "between", "bis", "both", "bu", "but", "by", "ce",
    "cependant", "ces", "cet", "cette", "chaque", "com", "con", "cuando", "da", "daha", "danach", "dann", "dans",
    "das", "dem", "den", "depuis", "der", "des", "desde", "die", "dies", "diese", "diesen", "dieser", "dieses", "do",
    "dort", "durch", "during", "each", "earlier", "eight", "ein", "eine", "einem", "einen", "einer", "either", "elle",
    "elles", "em", "en", "ensuite", "entre", "er", "es", "esta", "estas", "este", "estos", "et", "even", "every",
    "everyone", "everything", "finally", "first", "five", "for", "four", "from", "further", "furthermore", "für",
    "gegen", "gli", "hasta", "he", "hence", "her", "here", "hier", "his", "how", "however", "i", "if", "ihr", "ihre",
    "il", "ils", "im", "in", "instead", "into", "it", "its", "je", "jedoch", "las", "later", "les", "leur", "leurs",
    "los", "lub", "ma", "mais", "many", "mas", "meanwhile", "mit", "moreover", "most", "much", "my", "na", "nach",
    "nas", "nei", "neither", "nel", "nella", "nelle", "nevertheless", "nicht", "nine", "no", "nobody", "noch", "nor",
    "nos", "not", "nothing", "nous", "now", "nur", "o", "od", "oder", "of", "ohne", "on", "ona", "once", "one", "oni",
    "only", "or", "os", "other", "others", "ou", "our", "over", "par", "para", "per", "pero", "po", "pour", "puis",
    "quand", "questa", "queste", "questi", "questo", "sa", "sans", "schon", "se", "second", "según", "sein", "seine",
    "seit", "selon", "ses", "seven", "several", "she", "si", "sie", "sin", "since", "six", "so", "sobre", "some",
    "son", "sonra", "sous", "still", "su", "such", "sur", "sus", "ta", "también", "te", "ten", "that", "the", "their",
    "then", "there", "therefore", "these", "they", "third", "this", "those", "though", "three", "through", "thus",
    "to", "today", "tous", "toutefois", "toutes", "two", "um", "uma", "un", "una", "und", "under", "une", "unter",
    "until", "ve", "vom", "vous", "w", "we", "wegen", "wenn", "what", "when", "where", "whereas", "whether", "which",
    "while", "who", "why", "wir", "with", "within", "without", "während", "y", "yes", "you", "your", "z", "ze", "zum",
    "zur", "zwischen", "è", "über", "şu", "а", "ал", "барлық", "без", "біз", "бірақ", "бұдан", "бұл", "в", "ви",
    "вместо", "во", "вона", "вони", "воно", "все", "всё", "всі", "вы", "він", "где", "да", "два", "две", "де", "для",
    "до", "егер", "его", "ее", "енді", "если", "еще", "ещё", "её", "және", "за", "затем", "здесь", "и", "из", "или",
    "их", "його", "к", "каждая", "каждое", "каждый", "как", "кейін", "ко", "когда", "коли", "которая", "которые",
    "который", "кроме", "кто", "лишь", "между", "мен", "ми", "мы", "мұнда", "на", "над", "не", "нет", "ни", "но", "о",
    "об", "один", "одна", "однак", "однако", "ол", "олар", "олардың", "он", "она", "они", "оно", "оның", "осы", "от",
    "перед", "по", "под", "пока", "после", "потом", "потім", "поэтому", "при", "після", "с", "сейчас", "сен", "со",
    "согласно", "содан", "сол", "сондықтан", "сонымен", "соған", "сіз", "та", "так", "такая", "также", "такие",
    "також", "такой", "там", "тағы", "те", "теперь", "то", "тогда", "тоді", "только", "тому", "тот", "три", "у",
    "уже", "усі", "хотя", "хто", "це", "цей", "ця", "ці", "через", "что", "чтобы", "що", "эта", "эти", "это", "этот",
    "я", "як", "якщо", "їх", "її", "қазір", "әр",
];
