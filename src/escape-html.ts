/** A text as Plotly's labels take it, which would read `<` and `&` as markup, but not `&quot;` as a quotation mark. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Text as HTML that shows it, in attributes too. */
export function escapeHtml(text: string): string {
  return escapeText(text).replaceAll('"', "&quot;");
}
