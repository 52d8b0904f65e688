import { Button, Group, MultiSelect, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { AlertRuleView, CheckSeverity, Role, RuleSettings, RuleValues } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { showFieldErrors } from '@/app/field-errors';
import { useOutcome } from '@/app/outcome';
import { alertText } from '@/features/activity/event-text';
import { isChanged } from '@/features/alerts/AlertRules';
import { WEIGHTS } from '@/features/alerts/status';
import { conditionText, rhythmText } from '@/features/alerts/texts';
import { fieldText } from '@/ui/field-text';
import { Fields } from '@/ui/Fields';
import { FormDrawer } from '@/ui/FormDrawer';
import { chosenOf, cronOf, RHYTHMS, type Rhythm } from './rhythm';

const ROLES: readonly Role[] = ['super_admin', 'admin', 'ops', 'viewer'];

/** What is decided about one kind of alert; what is as by default is not stored. */
export function RuleForm({ rule, version, onClose }: { rule: AlertRuleView; version: number | null | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { kind, defaults } = rule;
  const { form, restored, drop, giveUp } = useDraft(`alert-rule-${kind}`, { initialValues: valuesOf(rule.in_force) });
  const saved = useOutcome({ done: t('common.saved') });
  const undone = useOutcome({ done: t('alertSettings.resetDone') });
  const after = (outcome: typeof saved) => ({
    onError: (error: unknown) => void showFieldErrors(form, error, (message) => fieldText(t, message), (field) => field.replace(`rules.${kind}.`, '')),
    onSuccess: async () => {
      drop();
      onClose();
      await outcome.onSuccess();
    },
  });
  const save = api.useMutation('put', '/api/settings/alerts', after(saved));
  const reset = api.useMutation('put', '/api/settings/alerts', after(undone));
  const bodyOf = (own: RuleSettings) => ({ body: { rules: { [kind]: own }, version: version ?? null } });
  const byDefault = (value: string) => t('alertSettings.default', { value });
  const { rhythm, threshold } = form.values;
  const error = Object.keys(form.errors).length > 0 ? undefined : (save.error ?? reset.error);
  return (
    <FormDrawer title={alertText(t, kind)} onClose={onClose} onSubmit={form.onSubmit((values) => save.mutate(bodyOf(differing(values, defaults))))} saving={save.isPending} error={error} restored={restored} onGiveUp={giveUp}>
      <div className="quoted">{conditionText(t, rule, Number(threshold) || 0)}</div>
      <Fields>
        <Switch label={t('alertSettings.enabled')} description={t('alertSettings.enabledAbout')} data-autofocus {...form.getInputProps('enabled', { type: 'checkbox' })} />
        <NumberInput label={t('alertSettings.threshold')} description={byDefault(`${defaults.threshold} ${t(`alertSettings.unit.${rule.unit}`)}`)} min={0} max={1_000_000} clampBehavior="none" allowDecimal={false} suffix={` ${t(`alertSettings.unit.${rule.unit}`)}`} {...form.getInputProps('threshold')} />
        <Select label={t('alertSettings.severity')} description={byDefault(t(`audit.severity.${defaults.severity}`))} data={WEIGHTS.map((value) => ({ value, label: t(`audit.severity.${value}`) }))} allowDeselect={false} {...form.getInputProps('severity')} />
        <MultiSelect label={t('alertSettings.roles')} description={`${byDefault(defaults.roles.map((role) => t(`role.${role}`)).join(', '))} · ${t('alertSettings.rolesAbout')}`} data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))} {...form.getInputProps('roles')} />
        <Select label={t('alertSettings.rhythm')} description={byDefault(rhythmText(t, defaults.cron))} error={rhythm === 'own' ? undefined : form.errors.cron} data={RHYTHMS.map((value) => ({ value, label: t(`alertSettings.rhythms.${value}`) }))} allowDeselect={false} value={rhythm} onChange={(value) => form.setFieldValue('rhythm', (value ?? 'own') as Rhythm)} />
        {rhythm === 'daily' && <TextInput type="time" label={t('alertSettings.at')} required {...form.getInputProps('at')} />}
        {rhythm === 'own' && <TextInput label={t('alertSettings.cron')} description={t('alertSettings.cronAbout')} className="mono" required {...form.getInputProps('cron')} />}
        {isChanged(rule) && <Group><Button variant="default" loading={reset.isPending} onClick={() => reset.mutate(bodyOf({}))}>{t('alertSettings.reset')}</Button></Group>}
      </Fields>
    </FormDrawer>
  );
}

function valuesOf(own: RuleValues) {
  const { enabled, threshold, severity, roles, cron } = own;
  return { enabled, threshold: threshold as number | string, severity, roles: [...roles], ...chosenOf(cron) };
}

/** What of the form is not as by default. */
function differing(values: ReturnType<typeof valuesOf>, defaults: RuleValues): RuleSettings {
  const { enabled, threshold, severity, roles } = values;
  const cron = cronOf(values);
  // What was emptied is no threshold: the service says so at its field.
  const number = threshold === '' ? -1 : Number(threshold);
  return {
    ...(enabled !== defaults.enabled && { enabled }),
    ...(number !== defaults.threshold && { threshold: number }),
    ...(severity !== defaults.severity && { severity: severity as CheckSeverity }),
    ...(roles.toSorted().join() !== defaults.roles.toSorted().join() && { roles }),
    ...(cron !== defaults.cron && { cron }),
  };
}
