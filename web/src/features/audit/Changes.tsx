import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AuditRun, CheckState } from '@/api/schema';
import { formatInstant } from '@/lib/format';
import { Panel, Pill } from '@/ui/layout';
import css from './audit.module.css';
import { changesBetween, runBefore } from './model';
import { useRun } from './queries';
import { checkText } from './texts';

/** What came and what healed from the audit before to the one that is looked at, or to the last. */
export function Changes({ runs, chosen, checks }: { runs: readonly AuditRun[]; chosen: string | undefined; checks: readonly CheckState[] }) {
  const { t } = useTranslation();
  const run = chosen ? runs.find((one) => one.id === chosen) : runs[0];
  const before = runBefore(runs, run);
  const [was, is] = [useRun(before?.id), useRun(run?.id)];
  if (!before || !was.data || !is.data) return null;
  const { fresh, healed, still } = changesBetween(was.data.results, is.data.results);
  const kinds = [['fresh', fresh, 'bad'], ['healed', healed, 'good'], ['still', still, 'neutral']] as const;
  const some = kinds.filter(([, ids]) => ids.length > 0);
  return (
    <Panel title={t('audit.compare')} actions={<Link to="/audit" search={{ run: before.id }} className={css.before}>{t('audit.compareAbout', { at: formatInstant(before.finished_at) })}</Link>}>
      {some.length === 0 && <span className="muted">{t('audit.same')}</span>}
      <dl className={css.changes}>
        {some.map(([kind, ids, tone]) => (
          <div key={kind}>
            <dt><Pill tone={tone}>{t(`audit.${kind}`)} · {ids.length}</Pill></dt>
            <dd>{ids.map((id) => <Link key={id} to="." search={(search) => ({ ...search, check: id })}>{checkText(t, { id, check: checks.find((one) => one.id === id) }, 'proves')}</Link>)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
