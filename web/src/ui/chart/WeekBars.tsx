import { BarChart } from '@mantine/charts';
import '@mantine/charts/styles.css';

export interface Series {
  /** The field of the rows. */
  name: string;
  label: string;
  tone: 'accent' | 'good' | 'warn' | 'bad' | 'violet' | 'line-strong';
}

/** Columns along time. For readers who cannot see them there is the same as a table. */
export function WeekBars({ rows, series, label, stacked = false, height = 220 }: {
  rows: { label: string; [field: string]: number | string }[]; series: readonly Series[]; label: string; stacked?: boolean; height?: number;
}) {
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <div aria-hidden>
        <BarChart
          h={height}
          data={rows}
          dataKey="label"
          type={stacked ? 'stacked' : 'default'}
          series={series.map(({ name, label: text, tone }) => ({ name, label: text, color: `var(--${tone})` }))}
          gridAxis="x"
          tickLine="none"
          withLegend={series.length > 1}
          legendProps={{ verticalAlign: 'top', height: 32 }}
          barProps={{ isAnimationActive: false, radius: 2, maxBarSize: 34 }}
          tooltipAnimationDuration={0}
          yAxisProps={{ width: 34, allowDecimals: false }}
        />
      </div>
      <table className="visually-hidden">
        <thead><tr><th scope="col">{label}</th>{series.map((one) => <th key={one.name}>{one.label}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => <tr key={row.label}><th scope="row">{row.label}</th>{series.map((one) => <td key={one.name}>{row[one.name]}</td>)}</tr>)}
        </tbody>
      </table>
    </figure>
  );
}
