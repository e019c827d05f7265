// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape
type Json = any;

/** Of the dashboards that an account has free, each. aws.amazon.com/cloudwatch/pricing */
const MOST_METRICS_OF_A_FREE_ONE = 50;

/** @param properties of a dashboard in a template. */
export function isSmall(properties: Json): boolean {
  return linesOf(properties).length <= MOST_METRICS_OF_A_FREE_ONE;
}

/** AWS does not say how many metrics such an expression counts for: it finds its metrics only when somebody looks. */
export function hasSearch({ DashboardBody }: Json): boolean {
  return /SEARCH\s*\(|\bSELECT\b/i.test(textOf(DashboardBody));
}

/**
 * What a dashboard refers to, once for each time that it does: two statistics of one metric may be one to AWS, which does not say
 * so. An expression over metrics is none by itself.
 */
function linesOf({ DashboardBody }: Json): Json[] {
  const { widgets = [] } = JSON.parse(textOf(DashboardBody));
  const lines: Json[] = widgets.flatMap(({ properties }: Json) => properties?.metrics ?? []);
  return lines.filter(([first]) => typeof first === 'string');
}

/** With a word for what is known only once it is deployed, which stands inside of JSON's text. */
function textOf(body: Json): string {
  if (typeof body === 'string') return body;
  const parts: Json[] = body['Fn::Join'][1];
  return parts.map((part) => (typeof part === 'string' ? part : 'deployed')).join('');
}
