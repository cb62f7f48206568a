import type { RestoredReport } from '../../protocol/report-messages';

export interface ReportPage {
  readonly origin: RestoredReport;
  readonly title: string;
  /** Address of the webview's script. */
  readonly script: string;
  /** Unguessable, new for each page. */
  readonly nonce: string;
}

/** The page of a report: it loads one script and has nothing else. Styles are made by that script. */
export function reportHtml({ origin, title, script, nonce }: ReportPage): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">body { margin: 0; padding: 0; overflow: hidden; }</style>
</head>
<body data-origin="${escapeHtml(JSON.stringify(origin))}">
<script type="module" nonce="${nonce}" src="${escapeHtml(script)}"></script>
</body>
</html>`;
}

/** Text as the value of an attribute or as content. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
