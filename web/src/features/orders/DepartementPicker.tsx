import { Button, Group, Input, MultiSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDepartements } from '@/app/catalogue';
import { FranceMap, type Shade } from '@/ui/map';

/** Chooses départements on the map or by name; `*` stands for all of them. */
export function DepartementPicker({ value, onChange, error }: { value: string[]; onChange: (codes: string[]) => void; error?: React.ReactNode }) {
  const { t } = useTranslation();
  const options = useDepartements();
  const everywhere = value.includes('*');
  const chosen = new Set(everywhere ? options.map((one) => one.value) : value);
  const shades = new Map<string, Shade>([...chosen].map((code) => [code, { level: 4, text: t('orders.chosen') }]));
  const served = new Set(options.map((one) => one.value));
  const toggle = (code: string) => {
    if (!served.has(code)) return;
    const next = new Set(everywhere ? [] : value);
    if (!next.delete(code)) next.add(code);
    onChange([...next].toSorted());
  };
  return (
    <Input.Wrapper label={t('nav.departements')} error={error} required labelElement="div">
      <Group gap="xs" my={6}>
        <Button size="compact-xs" variant={everywhere ? 'filled' : 'default'} onClick={() => onChange(everywhere ? [] : ['*'])}>{t('orders.everywhere')}</Button>
        <Button size="compact-xs" variant="subtle" color="gray" disabled={value.length === 0} onClick={() => onChange([])}>{t('common.none')}</Button>
      </Group>
      <div style={{ maxWidth: '22rem' }}><FranceMap label={t('orders.pickOnMap')} shades={shades} selected={chosen} onPick={toggle} /></div>
      {!everywhere && <MultiSelect aria-label={t('nav.departements')} data={options} value={value} onChange={(codes) => onChange(codes.toSorted())} searchable clearable hidePickedOptions />}
    </Input.Wrapper>
  );
}
