import { Button, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { AlertRuleView } from '@/api/schema';
import { alertText } from '@/features/activity/event-text';
import { formatAgo } from '@/lib/format';
import { Panel, Pill } from '@/ui/layout';
import { Loaded } from '@/ui/states';
import css from './alerts.module.css';
import { WeightPill } from './status';
import { conditionText, rhythmText } from './texts';

/** Everything that is looked for, and what came of it the last time. */
export function AlertRules() {
  const { t } = useTranslation();
  const rules = api.useQuery('get', '/api/alert-rules', {});
  return (
    <Panel title={t('alerts.rules')} actions={<Button variant="default" renderRoot={(props) => <Link to="/settings" search={{ tab: 'alerts' }} {...props} />}>{t('alerts.settings')}</Button>} flush>
      <Loaded query={rules} height={420}>{(all) => <RuleList rules={all} label={t('alerts.rules')} action={({ kind, found }) => found > 0 && <Link to="/alerts" search={{ kind }} aria-label={t('alerts.foundOf', { count: found, name: alertText(t, kind) })}>{t('alerts.found', { count: found })}</Link>} />}</Loaded>
    </Panel>
  );
}

/** Kinds of alerts, each with when it is told, and what `action` offers for it. */
export function RuleList({ rules, label, action }: { rules: readonly AlertRuleView[]; label: string; action: (rule: AlertRuleView) => ReactNode }) {
  return <ul className={css.rules} aria-label={label}>{rules.map((rule) => <Rule key={rule.kind} rule={rule}>{action(rule)}</Rule>)}</ul>;
}

function Rule({ rule, children }: { rule: AlertRuleView; children: ReactNode }) {
  const { t } = useTranslation();
  const { in_force: own } = rule;
  return (
    <li className={css.rule} data-off={!own.enabled || undefined}>
      <div className={css.what}>
        <Group gap="xs">
          <strong>{alertText(t, rule.kind)}</strong>
          {own.enabled ? <WeightPill severity={own.severity} /> : <Pill>{t('alerts.off')}</Pill>}
          {isChanged(rule) && <Pill tone="info" title={t('alerts.changedAbout')}>{t('alerts.changed')}</Pill>}
        </Group>
        <span className="muted">{conditionText(t, rule, own.threshold)}</span>
        {rule.failures > 0 && <span className={css.trouble}>{t('alerts.failing', { count: rule.failures })}{rule.error && <>: <span lang="en">{rule.error}</span></>}</span>}
      </div>
      <div className={css.beside}>
        <span>{rhythmText(t, own.cron)}{rule.ran_at && ` · ${formatAgo(rule.ran_at)}`}</span>
        <span>{own.roles.map((role) => t(`role.${role}`)).join(', ')}</span>
      </div>
      <div className={css.act}>{children}</div>
    </li>
  );
}

/** Whether somebody decided otherwise than by default. */
export function isChanged({ defaults, in_force: own }: AlertRuleView): boolean {
  return defaults.enabled !== own.enabled || defaults.threshold !== own.threshold || defaults.cron !== own.cron || defaults.severity !== own.severity || defaults.roles.toSorted().join() !== own.roles.toSorted().join();
}
