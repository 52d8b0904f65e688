import { useComputedColorScheme } from '@mantine/core';
import { CategoryScale, Chart, type ChartConfiguration, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } from 'chart.js';
import { useEffect, useRef } from 'react';
import { useStable } from '@/lib/stable';
import { fontOf, token, type ChartTone } from './tokens';

Chart.register(LineController, LineElement, PointElement, CategoryScale, LinearScale, Filler, Tooltip);

export interface Point {
  label: string;
  value: number;
  tone: ChartTone;
}

interface TimeLineProps {
  points: readonly Point[];
  label: string;
  max: number;
  height?: number;
  /** The point that is looked at. */
  chosen?: number | undefined;
  onPick?: (index: number) => void;
}

/** A figure along time, each point in the colour of how it stood. For readers who cannot see it there is the same as a table. */
export function TimeLine({ points, label, max, height = 140, chosen, onPick }: TimeLineProps) {
  const scheme = useComputedColorScheme('light');
  const pick = useStable(onPick);
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <div style={{ height, position: 'relative' }} aria-hidden><Line key={scheme} points={points} label={label} max={max} chosen={chosen} onPick={pick} /></div>
      {/* A table is as wide as its words whatever its style says. */}
      <div className="visually-hidden">
        <table>
          <thead><tr><th scope="col">{label}</th><th scope="col">{max}</th></tr></thead>
          <tbody>{points.map((point, index) => <tr key={`${point.label} ${String(index)}`}><th scope="row">{point.label}</th><td>{point.value}</td></tr>)}</tbody>
        </table>
      </div>
    </figure>
  );
}

function Line({ points, label, max, chosen, onPick }: Required<Pick<TimeLineProps, 'points' | 'label' | 'max' | 'onPick'>> & { chosen: number | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return undefined;
    const chart = new Chart(canvas.current, configuration(points, label, max, chosen, onPick));
    return () => chart.destroy();
  }, [points, label, max, chosen, onPick]);
  return <canvas ref={canvas} />;
}

function configuration(points: readonly Point[], label: string, max: number, chosen: number | undefined, onPick: (index: number) => void): ChartConfiguration<'line'> {
  const ticks = { color: token('muted'), font: fontOf() };
  const colours = points.map((point) => token(point.tone));
  const lowest = Math.min(...points.map((point) => point.value));
  const size = (index: number, plain: number) => (index === chosen ? plain + 3 : plain);
  return {
    type: 'line',
    data: {
      labels: points.map((point) => point.label),
      datasets: [{
        label,
        data: points.map((point) => point.value),
        borderColor: token('line-strong'),
        borderWidth: 1.5,
        backgroundColor: `color-mix(in srgb, ${token('accent')} 6%, transparent)`,
        fill: 'start',
        cubicInterpolationMode: 'monotone',
        pointBackgroundColor: colours,
        pointBorderColor: points.map((_, index) => (index === chosen ? token('text') : token('surface'))),
        pointBorderWidth: 1.5,
        pointRadius: points.map((_, index) => size(index, points.length > 40 ? 3 : 4)),
        pointHoverRadius: 6,
        pointHitRadius: 12,
      }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      layout: { padding: { top: 8, right: 8 } },
      onClick: (_, [hit]) => hit && onPick(hit.index),
      onHover: ({ native }, hits) => {
        if (native?.target instanceof HTMLElement) native.target.style.cursor = hits.length > 0 ? 'pointer' : '';
      },
      scales: {
        x: { grid: { display: false }, border: { color: token('line') }, ticks: { ...ticks, maxTicksLimit: 6, maxRotation: 0, autoSkipPadding: 24 } },
        // What changes shows, however high the score; a little room above keeps its highest points whole.
        y: { min: Math.max(0, Math.floor((lowest - 10) / 10) * 10), max, grid: { color: token('line') }, border: { display: false }, ticks: { ...ticks, precision: 0, maxTicksLimit: 4 } },
      },
      clip: false,
      plugins: { legend: { display: false }, tooltip: { backgroundColor: token('surface'), titleColor: token('text'), bodyColor: token('text'), borderColor: token('line-strong'), borderWidth: 1, boxPadding: 4 } },
    },
  };
}
