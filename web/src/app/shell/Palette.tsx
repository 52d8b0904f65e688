import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../session';
import { NAVIGATION } from './navigation';

/** Ctrl+K: pages, actions and records, by name or telephone number. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const [query, setQuery] = useState('');
  useEffect(() => {
    spotlight.open();
  }, []);

  const pages: SpotlightActionData[] = NAVIGATION.flatMap((group) => group.pages)
    .filter((page) => may(page.permission))
    .map((page) => ({ id: page.key, label: t(`nav.${page.key}`), leftSection: <page.icon size={17} stroke={1.7} />, onClick: () => void navigate({ to: page.to }) }));
  const groups: SpotlightActionGroupData[] = [{ group: t('palette.pages'), actions: pages }];
  return (
    <Spotlight
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      nothingFound={t('palette.nothing')}
      searchProps={{ placeholder: t('palette.hint'), 'aria-label': t('palette.hint') }}
      scrollable
      maxHeight={420}
      shortcut={null}
    />
  );
}
