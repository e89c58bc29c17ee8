import { createMetrics } from '../../src/app/metrics.ts';
import type { DerivedFile } from './derived-file.ts';

/** The page of the figures. */
export async function metricsFiles(): Promise<DerivedFile[]> {
  const metrics = createMetrics();
  metrics.watch({
    streams: { list: () => [], countPlayers: () => 0 },
    feed: { staleness: () => 0 },
  });
  const { text } = await metrics.page();
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
    ([, name, help, type]) => `| \`${name}\` | ${type} | ${help} |`,
  );
  return [{ file: 'docs/3-operate/metrics.md', text: page(rows) }];
}

function page(rows: readonly string[]): string {
  return `<!-- Made from src/app/metrics.ts by \`npm run derive\`; do not edit. -->

# Metrics and health

The internal listener (\`internal.host\`, \`internal.port\`; 127.0.0.1:9090) has no authentication and serves:

- \`/healthz\`: 200 while the process answers. Restart it when this fails.
- \`/readyz\`: 200 when store, change feed and ingest are all well, else 503 with what is wrong. Send no traffic then. It
  turns to 503 as soon as the service begins to drain.
- \`/metrics\`: figures for Prometheus.

## What to watch

- \`sluice_feed_staleness_seconds\` above 1: blocks and keys that other processes change do not arrive.
- \`sluice_api_calls_total{action="ForbidLiveStream",code="ServiceUnavailable"}\`: a stream was cut but its block is not
  known to be kept.
- \`sluice_peers_refused_total\` by \`problem\`: \`blocked\` are publishers that a block keeps out, \`auth-mismatch\` and
  \`auth-expired\` are wrong URLs.
- \`sluice_player_skipped_bytes_total\` and \`sluice_players_dropped_total\`: players that cannot follow.

## Figures

| Name | Type | What it is |
| --- | --- | --- |
${rows.join('\n')}
`;
}
