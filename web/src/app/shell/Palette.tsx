import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { type LinkProps, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Hit } from '@/api/schema';
import { formatPhone } from '@/lib/format';
import { useGiveBack } from '@/ui/overlays';
import { useMay } from '../session';
import { useActions } from './actions';
import { NAVIGATION } from './navigation';

const TYPING_MS = 150;
const SHORTEST = 2;

const RECORDS = {
  leads: (id: string): LinkProps => ({ to: '/leads/$leadId', params: { leadId: id } }),
  buyers: (id: string): LinkProps => ({ to: '/buyers/$buyerId', params: { buyerId: id } }),
  orders: (id: string): LinkProps => ({ to: '/orders/$orderId', params: { orderId: id } }),
  deliveries: (id: string): LinkProps => ({ to: '/deliveries/$deliveryId', params: { deliveryId: id } }),
} as const;

/** Ctrl+K: pages, actions and records, by name or telephone number. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  useGiveBack();
  const navigate = useNavigate();
  const may = useMay();
  const actions = useActions();
  const [query, setQuery] = useState('');
  const [asked] = useDebouncedValue(query.trim(), TYPING_MS);
  const found = api.useQuery('get', '/api/search', { params: { query: { q: asked } } }, { enabled: asked.length >= SHORTEST, placeholderData: keepPreviousData });
  useEffect(() => {
    spotlight.open();
  }, []);

  const words = query.trim().toLowerCase();
  const matching = (all: SpotlightActionData[]) => all.filter((one) => String(one.label).toLowerCase().includes(words));
  const pages = NAVIGATION.flatMap((group) => group.pages)
    .filter((page) => may(page.permission))
    .map((page): SpotlightActionData => ({ id: page.key, label: t(`nav.${page.key}`), leftSection: <page.icon size={17} stroke={1.7} />, onClick: () => void navigate({ to: page.to }) }));
  const hit = (kind: keyof typeof RECORDS, one: Hit): SpotlightActionData => ({
    id: one.id,
    label: one.label,
    description: [formatPhone(one.detail), one.entity].filter(Boolean).join(' · '),
    onClick: () => void navigate(RECORDS[kind](one.id)),
  });
  const records = asked.length >= SHORTEST && words !== ''
    ? (Object.keys(RECORDS) as (keyof typeof RECORDS)[]).map((kind) => ({ group: t(`nav.${kind}`), actions: (found.data?.[kind] ?? []).map((one) => hit(kind, one)) }))
    : [];
  const groups: SpotlightActionGroupData[] = [...records, { group: t('palette.pages'), actions: matching(pages) }, { group: t('palette.actions'), actions: matching(actions) }].filter((group) => group.actions.length > 0);
  return (
    <Spotlight
      actions={groups}
      filter={(_, all) => all}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      nothingFound={t(found.isFetching ? 'palette.looking' : found.isError ? 'palette.failed' : 'palette.nothing')}
      searchProps={{ placeholder: t('palette.hint'), 'aria-label': t('palette.hint') }}
      attributes={{ content: { 'aria-label': t('shell.search') } }}
      scrollable
      maxHeight={440}
      shortcut={null}
      centered={false}
      yOffset="12vh"
      overlayProps={{ blur: 0, backgroundOpacity: 0.45 }}
    />
  );
}
