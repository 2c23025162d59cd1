/** The languages that the small decoder learns, and by which names Debian's help packages and their folders go. */
export const languages = {
  English: { package: "libreoffice-help-en-us", folder: "en-US" },
  German: { package: "libreoffice-help-de", folder: "de" },
  French: { package: "libreoffice-help-fr", folder: "fr" },
  Spanish: { package: "libreoffice-help-es", folder: "es" },
  Italian: { package: "libreoffice-help-it", folder: "it" },
} as const satisfies Readonly<Record<string, { package: string; folder: string }>>;
/** One of `languages`. */
export type Language = "English" | "German" | "French" | "Spanish" | "Italian";

/** Their names. */
export const languageNames = Object.keys(languages) as Language[];
