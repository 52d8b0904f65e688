import { useComputedColorScheme } from '@mantine/core';
import { BarController, BarElement, CategoryScale, Chart, type ChartConfiguration, Legend, LinearScale, Tooltip } from 'chart.js';
import { useEffect, useRef } from 'react';
import { type ChartTone, fontOf, token } from './tokens';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Legend, Tooltip);

export interface Series {
  /** The field of the rows. */
  name: string;
  label: string;
  tone: ChartTone;
  /** One colour for each row instead, where the rows differ in weight. */
  tones?: readonly ChartTone[];
}

type Row = { label: string; [field: string]: number | string };

/** How a figure is written on the axis, beside a column and in the table. */
type Format = (value: string) => string;

/** Columns along time or another measure. For readers who cannot see them there is the same as a table. */
export function WeekBars({ rows, series, label, stacked = false, height = 220, format }: { rows: Row[]; series: readonly Series[]; label: string; stacked?: boolean; height?: number; format?: Format }) {
  const scheme = useComputedColorScheme('light');
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <div style={{ height, position: 'relative' }} aria-hidden><Columns key={scheme} rows={rows} series={series} stacked={stacked} format={format} /></div>
      {/* A table is as wide as its words whatever its style says. */}
      <div className="visually-hidden">
        <table>
          <thead><tr><th scope="col">{label}</th>{series.map((one) => <th key={one.name} scope="col">{one.label}</th>)}</tr></thead>
          <tbody>
            {rows.map((row) => <tr key={row.label}><th scope="row">{row.label}</th>{series.map((one) => <td key={one.name}>{format ? format(String(row[one.name])) : row[one.name]}</td>)}</tr>)}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** Drawn anew when the colours change: a canvas knows no variables. */
function Columns({ rows, series, stacked, format }: { rows: Row[]; series: readonly Series[]; stacked: boolean; format: Format | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return undefined;
    const chart = new Chart(canvas.current, configuration(rows, series, stacked, format));
    return () => chart.destroy();
  }, [rows, series, stacked, format]);
  return <canvas ref={canvas} />;
}

function configuration(rows: Row[], series: readonly Series[], stacked: boolean, format: Format | undefined): ChartConfiguration<'bar'> {
  const font = fontOf();
  const ticks = { color: token('muted'), font };
  return {
    type: 'bar',
    data: {
      labels: rows.map((row) => row.label),
      datasets: series.map(({ name, label, tone, tones }) => ({ label, data: rows.map((row) => Number(row[name])), backgroundColor: tones ? tones.map(token) : token(tone), borderRadius: 2, maxBarThickness: 34 })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { stacked, grid: { display: false }, border: { color: token('line') }, ticks },
        y: { stacked, beginAtZero: true, grid: { color: token('line') }, border: { display: false }, ticks: { ...ticks, precision: 0, maxTicksLimit: 6, ...(format && { callback: (value: string | number) => format(String(value)) }) } },
      },
      plugins: {
        legend: { display: series.length > 1, align: 'end', labels: { color: token('text'), font, boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 3 } },
        tooltip: { backgroundColor: token('surface'), titleColor: token('text'), bodyColor: token('text'), borderColor: token('line-strong'), borderWidth: 1, boxPadding: 4, ...(format && { callbacks: { label: ({ dataset, parsed }: { dataset: { label?: string }; parsed: { y: number | null } }) => `${dataset.label}: ${format(String(parsed.y ?? 0))}` } }) },
      },
    },
  };
}
